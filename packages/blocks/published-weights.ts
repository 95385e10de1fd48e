import { publishedWeights } from '@dualprior/core';

const TORCHVISION = 'https://pytorch.org/vision/stable/models.html';
const TORCH_LICENCE = 'BSD-3-Clause (torchvision)';
/** Where PyTorch documents the checksum, which it checks itself: `torch.hub.load_state_dict_from_url`. */
const IN_ITS_NAME = 'its name, as https://pytorch.org/docs/stable/hub.html says';
const LPIPS = 'https://github.com/richzhang/PerceptualSimilarity';
const LPIPS_RECORD = 'RECORD of the Python package lpips 0.1.4';
const MB = 2 ** 20;
const ARCFACE_ZOO = 'https://github.com/deepinsight/insightface/tree/master/recognition/arcface_torch#model-zoo';

/** Weights of torchvision. @param size in MB, as on its pages */
function torchvision(name: string, file: string, begins: string, size: number) {
  return {
    name,
    description: `${name} of torchvision, trained on ImageNet`,
    file,
    page: TORCHVISION,
    url: `https://download.pytorch.org/models/${file}`,
    size: size * MB,
    licence: TORCH_LICENCE,
    sha256: { begins, source: IN_ITS_NAME },
  };
}

/** Heads by the authors of LPIPS. @param size in bytes */
function heads(network: string, begins: string, size: number) {
  return {
    name: `lpips-${network}`,
    description: `heads of LPIPS v0.1 for ${network}`,
    file: `lpips-v0.1-${network}.pth`,
    page: LPIPS,
    url: `https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/${network}.pth`,
    size,
    licence: 'BSD-2-Clause',
    sha256: { begins, source: LPIPS_RECORD },
  };
}

/** InsightFace's, which can only be got by hand. */
function iresnet(depth: number) {
  return {
    name: `arcface-iresnet${depth}`,
    description: `face recognition network of InsightFace, trained on MS1MV3: backbone.pth of ms1mv3_arcface_r${depth}`,
    file: `ms1mv3_arcface_r${depth}.pth`,
    page: ARCFACE_ZOO,
    licence: 'not commercial, as its page says',
  };
}

/** Weights of MUSIQ, in PyTorch's form. */
function musiq(scores: string, file: string) {
  return {
    name: `musiq-${scores}`,
    description: `MUSIQ for the scores of ${scores}, in pyiqa's port`,
    file,
    page: 'https://github.com/chaofengc/IQA-PyTorch/releases/tag/v0.1-weights',
    url: `https://github.com/chaofengc/IQA-PyTorch/releases/download/v0.1-weights/${file}`,
    licence: 'not commercial (PolyForm Noncommercial 1.0.0 of pyiqa)',
  };
}

publishedWeights.add(
  torchvision('vgg16', 'vgg16-397923af.pth', '397923af', 527.8),
  torchvision('vgg19', 'vgg19-dcbb9e9d.pth', 'dcbb9e9d', 548.1),
  torchvision('alexnet', 'alexnet-owt-7be5be79.pth', '7be5be79', 233.1),
  torchvision('squeezenet', 'squeezenet1_1-b8a52dc0.pth', 'b8a52dc0', 4.7),
  heads('vgg', 'a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868', 7289),
  heads('alex', 'df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0', 6009),
  heads('squeeze', '4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76', 10811),
  {
    name: 'inception-fid',
    description: "InceptionV3 of the official FID, in pytorch-fid's port",
    file: 'pt_inception-2015-12-05-6726825d.pth',
    page: 'https://github.com/mseitzer/pytorch-fid/releases/tag/fid_weights',
    url: 'https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth',
    licence: 'Apache-2.0 (pytorch-fid)',
    sha256: { begins: '6726825d', source: IN_ITS_NAME },
  },
  {
    name: 'dists',
    description: 'alpha and beta of DISTS',
    file: 'dists-weights.pt',
    page: 'https://github.com/dingkeyan93/DISTS',
    url: 'https://raw.githubusercontent.com/dingkeyan93/DISTS/master/DISTS_pytorch/weights.pt',
    size: 12288,
    licence: 'MIT',
    sha256: {
      begins: 'f5e65c96230b7f6ca995691647d482237e4cab8a50c5c4a5784f219ef0748218',
      source: 'RECORD of the Python package DISTS-pytorch 0.1',
    },
  },
  musiq('koniq10k', 'musiq_koniq_ckpt-e95806b9.pth'),
  musiq('spaq', 'musiq_spaq_ckpt-358bb6af.pth'),
  musiq('paq2piq', 'musiq_paq2piq_ckpt-364c0c84.pth'),
  musiq('ava', 'musiq_ava_ckpt-e8d3f067.pth'),
  {
    name: 'stylegan2-ffhq-512',
    description: "StyleGAN2's generator and discriminator, trained on FFHQ at 512x512",
    file: 'ffhq-res512-mirror-stylegan2-noaug.pkl',
    page: 'https://github.com/NVlabs/stylegan2-ada-pytorch',
    url: 'https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/transfer-learning-source-nets/ffhq-res512-mirror-stylegan2-noaug.pkl',
    licence: 'NVIDIA Source Code License (not commercial)',
  },
  {
    name: 'arcface-resnet18',
    description: "face recognition network of GFP-GAN's identity loss",
    file: 'arcface_resnet18.pth',
    page: 'https://github.com/TencentARC/GFPGAN/releases/tag/v0.1.0',
    url: 'https://github.com/TencentARC/GFPGAN/releases/download/v0.1.0/arcface_resnet18.pth',
    licence: 'as its page says',
  },
  iresnet(50),
  iresnet(100),
  {
    name: 'ir-se50',
    description: "face recognition network of GPEN's identity loss, from pSp",
    file: 'model_ir_se50.pth',
    page: 'https://github.com/eladrich/pixel2style2pixel#auxiliary-models',
    licence: 'as its page says',
  },
  {
    name: 'gfpgan-v1.4',
    description: 'GFP-GAN v1.4 (`clean`), 512x512',
    file: 'GFPGANv1.4.pth',
    page: 'https://github.com/TencentARC/GFPGAN/releases/tag/v1.3.0',
    url: 'https://github.com/TencentARC/GFPGAN/releases/download/v1.3.0/GFPGANv1.4.pth',
    licence: 'Apache-2.0',
  },
  {
    name: 'gfpgan-v1',
    description: 'GFP-GAN v1 (`original`), the model of the paper, 512x512',
    file: 'GFPGANv1.pth',
    page: 'https://github.com/TencentARC/GFPGAN/releases/tag/v0.1.0',
    url: 'https://github.com/TencentARC/GFPGAN/releases/download/v0.1.0/GFPGANv1.pth',
    licence: 'Apache-2.0',
  },
  {
    name: 'gpen-bfr-512',
    description: 'GPEN for blind face restoration, 512x512',
    file: 'GPEN-BFR-512.pth',
    page: 'https://github.com/yangxy/GPEN',
    url: 'https://public-vigen-video.oss-cn-shanghai.aliyuncs.com/robin/models/GPEN-BFR-512.pth',
    licence: 'not commercial, as its page says',
  },
  {
    name: 'nafnet-gopro-width32',
    description: 'NAFNet of width 32, trained on GoPro',
    file: 'NAFNet-GoPro-width32.pth',
    page: 'https://github.com/megvii-research/NAFNet#results-and-pre-trained-models',
    licence: 'MIT',
  },
  {
    name: 'hinet-gopro',
    description: 'HINet, trained on GoPro',
    file: 'HINet-GoPro.pth',
    page: 'https://github.com/megvii-model/HINet',
    licence: 'MIT',
  },
);
