import { Type } from '@sinclair/typebox';
import type { FaceNetwork } from './face-network.ts';
import { IrSe50 } from './ir-se50.ts';
import { iresnet, IResNet } from './iresnet.ts';
import { ResNetArcFace } from './resnet-arcface.ts';

/** The networks that know faces: how to make one without weights, and its official file. */
export const FACE_NETWORKS = {
  resnet18: { make: (): FaceNetwork => new ResNetArcFace(), file: 'GFPGAN: arcface_resnet18.pth' },
  'ir-se50': { make: (): FaceNetwork => new IrSe50(), file: 'GPEN: model_ir_se50.pth' },
  iresnet18: { make: (): FaceNetwork => new IResNet(iresnet(18)), file: 'insightface: backbone.pth of an r18' },
  iresnet34: { make: (): FaceNetwork => new IResNet(iresnet(34)), file: 'insightface: backbone.pth of an r34' },
  iresnet50: { make: (): FaceNetwork => new IResNet(iresnet(50)), file: 'insightface: backbone.pth of an r50' },
  iresnet100: { make: (): FaceNetwork => new IResNet(iresnet(100)), file: 'insightface: backbone.pth of an r100' },
};

export type FaceArchitecture = keyof typeof FACE_NETWORKS;

/** Names that the official files have besides the network's. */
export const IGNORED = /\.num_batches_tracked$/;

export const FACE_ARCHITECTURES = Object.keys(FACE_NETWORKS) as FaceArchitecture[];

/** An option that names one of them. */
export const faceArchitecture = Type.Union(
  [
    Type.Literal('resnet18'),
    Type.Literal('ir-se50'),
    Type.Literal('iresnet18'),
    Type.Literal('iresnet34'),
    Type.Literal('iresnet50'),
    Type.Literal('iresnet100'),
  ],
  {
    default: 'resnet18',
    description:
      'the network: `resnet18`, for grey images of 128 pixels (GFP-GAN); `ir-se50`, for the centre of colour images, pooled to 112 pixels (GPEN); `iresnet18`, `34`, `50` or `100`, the same (InsightFace)',
  },
);
