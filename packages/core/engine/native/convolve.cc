// A Node module without TensorFlow, for threads that make training images: convolution of an image with the few weights of a thin kernel.
//
//   convolve(data, width, height, dx, dy, weight, border, window, out)
//
// `data` holds the pixels (bytes or floats, three channels), `window` is [left, top, width, height], `border` 0: mirrored, 1: the edge pixel,
// 2: black. `out` holds floats, or bytes, which are rounded, halves to the even neighbour, and clipped. The values are, bit for bit, those of
// `packages/blocks/degradations/pixels/convolve.ts`, which is what is computed where this module is missing: sums of doubles in the same order.
// Where bytes become bytes, sums of floats come first, and only those so near to a half that their rounding is in doubt are summed again.

#include <immintrin.h>
#include <node_api.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

constexpr int kChannels = 3;
/** Sides and offsets are smaller, so that products of them fit. */
constexpr int64_t kMostPixels = int64_t{1} << 30;

enum Border : int32_t { kReflect = 0, kReplicate = 1, kZero = 2 };

struct Taps {
  const int16_t* dx;
  const int16_t* dy;
  const double* weight;
  size_t count;
};

struct Window {
  int64_t left, top, width, height;
};

/** The index that stands for one outside of 0 .. length-1, or -1 for black. */
int64_t Beyond(int64_t index, int64_t length, int32_t border) {
  if (index >= 0 && index < length) return index;
  if (border == kZero) return -1;
  if (border == kReplicate || length == 1) return index < 0 ? 0 : length - 1;
  const int64_t period = 2 * (length - 1);
  const int64_t folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/** The pixels of a window that may reach beyond the image, as floats. */
template <typename Pixel>
std::vector<float> Pad(const Pixel* data, int64_t width, int64_t height, const Window& window, int32_t border) {
  std::vector<int64_t> columns(window.width);
  for (int64_t x = 0; x < window.width; x++) columns[x] = Beyond(window.left + x, width, border);
  std::vector<float> padded(kChannels * window.width * window.height);
  float* target = padded.data();
  for (int64_t y = 0; y < window.height; y++) {
    const int64_t row = Beyond(window.top + y, height, border);
    for (const int64_t x : columns) {
      if (x >= 0 && row >= 0) {
        const Pixel* source = data + kChannels * (row * width + x);
        for (int c = 0; c < kChannels; c++) target[c] = static_cast<float>(source[c]);
      }
      target += kChannels;
    }
  }
  return padded;
}

/** One value, summed in the order of `Row`. */
double Sum(const float* at, const int64_t* offset, const double* w, size_t count) {
  double sum = 0;
  size_t k = 0;
  const auto four = [&](size_t j) {
    return w[j] * at[offset[j]] + w[j + 1] * at[offset[j + 1]] + w[j + 2] * at[offset[j + 2]] +
           w[j + 3] * at[offset[j + 3]];
  };
  for (; k + 8 <= count; k += 8) sum = sum + four(k) + four(k + 4);
  for (; k + 4 <= count; k += 4) sum += four(k);
  for (; k < count; k++) sum += w[k] * at[offset[k]];
  return sum;
}

/** A row of values, each summed as `Sum` does. The compiler may take several at a time, but not change the order: products and sums are not fused. */
__attribute__((target_clones("avx512f", "avx2", "default"))) void Row(const float* at, const int64_t* offset,
                                                                      const double* w, size_t count, double* row,
                                                                      int64_t length) {
  size_t k = 0;
  for (; k + 8 <= count; k += 8) {
    const float *a = at + offset[k], *b = at + offset[k + 1], *c = at + offset[k + 2], *d = at + offset[k + 3];
    const float *e = at + offset[k + 4], *f = at + offset[k + 5], *g = at + offset[k + 6], *h = at + offset[k + 7];
    const double *u = w + k, *v = w + k + 4;
    for (int64_t i = 0; i < length; i++) {
      const double first = u[0] * a[i] + u[1] * b[i] + u[2] * c[i] + u[3] * d[i];
      const double second = v[0] * e[i] + v[1] * f[i] + v[2] * g[i] + v[3] * h[i];
      row[i] = row[i] + first + second;
    }
  }
  for (; k + 4 <= count; k += 4) {
    const float *a = at + offset[k], *b = at + offset[k + 1], *c = at + offset[k + 2], *d = at + offset[k + 3];
    const double* u = w + k;
    for (int64_t i = 0; i < length; i++) row[i] += u[0] * a[i] + u[1] * b[i] + u[2] * c[i] + u[3] * d[i];
  }
  for (; k < count; k++) {
    const float* a = at + offset[k];
    for (int64_t i = 0; i < length; i++) row[i] += w[k] * a[i];
  }
}

/** Taps that are summed by themselves before they are added to the rest: the error of a sum grows with its length. */
constexpr size_t kGroup = 16;
/** Values of a row that are summed at a time, in registers. */
constexpr int64_t kBlock = 48;

/** Values of a row as sums of floats; `length` may be rounded up to a multiple of `kBlock`, so much is read behind each row. */
__attribute__((target("avx2,fma"))) void QuickRow(const float* at, const int64_t* offset, const float* w, size_t count,
                                                  float* row, int64_t length) {
  for (int64_t i = 0; i < length; i += kBlock) {
    const float* block = at + i;
    __m256 sum[6];
    for (auto& s : sum) s = _mm256_setzero_ps();
    for (size_t begin = 0; begin < count; begin += kGroup) {
      const size_t end = std::min(count, begin + kGroup);
      __m256 group[6];
      for (auto& g : group) g = _mm256_setzero_ps();
      for (size_t k = begin; k < end; k++) {
        const __m256 weight = _mm256_set1_ps(w[k]);
        const float* source = block + offset[k];
        for (int j = 0; j < 6; j++) group[j] = _mm256_fmadd_ps(weight, _mm256_loadu_ps(source + 8 * j), group[j]);
      }
      for (int j = 0; j < 6; j++) sum[j] = _mm256_add_ps(sum[j], group[j]);
    }
    for (int j = 0; j < 6; j++) _mm256_storeu_ps(row + i + 8 * j, sum[j]);
  }
}

/** As a `Uint8ClampedArray` rounds: halves to the even neighbour, clipped. */
uint8_t Rounded(float value) {
  if (!(value > 0)) return 0;
  return value >= 255 ? 255 : static_cast<uint8_t>(std::nearbyint(value));
}

/** The rounded values of one row of bytes: quick sums where they leave no doubt, else the exact one. */
__attribute__((target("avx2,fma"))) void RoundRow(const float* quick, float error, const float* at,
                                                  const int64_t* offset, const Taps& taps, uint8_t* out,
                                                  int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float value = quick[i];
    const float from_half = std::fabs(value - std::floor(value) - 0.5f);
    out[i] = from_half > error ? Rounded(value)
                               : Rounded(static_cast<float>(Sum(at + i, offset, taps.weight, taps.count)));
  }
}

bool HasFma() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

/** A value is at most 255 times the sum of the weights; each of its sums and products is off by at most 2^-24 of that. */
float ErrorBound(const Taps& taps) {
  double total = 0;
  for (size_t k = 0; k < taps.count; k++) total += std::fabs(taps.weight[k]);
  const double steps = kGroup + static_cast<double>((taps.count + kGroup - 1) / kGroup) + 4;
  return static_cast<float>(steps * std::ldexp(255 * total, -24));
}

template <typename Pixel, typename Value>
void Convolve(const Pixel* data, int64_t width, int64_t height, const Taps& taps, int32_t border, const Window& window,
              Value* out) {
  const auto [left, right] = std::minmax_element(taps.dx, taps.dx + taps.count);
  const auto [up, down] = std::minmax_element(taps.dy, taps.dy + taps.count);
  const Window reach = {window.left - *right, window.top - *down, *right + window.width - *left,
                        *down + window.height - *up};
  std::vector<float> padded = Pad(data, width, height, reach, border);
  padded.resize(padded.size() + kBlock);
  const int64_t stride = kChannels * reach.width;
  std::vector<int64_t> offset(taps.count);
  for (size_t k = 0; k < taps.count; k++) {
    offset[k] = (*down - taps.dy[k]) * stride + kChannels * (*right - taps.dx[k]);
  }
  const int64_t length = kChannels * window.width;
  if constexpr (sizeof(Pixel) == 1 && sizeof(Value) == 1) {
    if (HasFma()) {
      const std::vector<float> weight(taps.weight, taps.weight + taps.count);
      std::vector<float> row((length + kBlock - 1) / kBlock * kBlock);
      const float error = ErrorBound(taps);
      for (int64_t y = 0; y < window.height; y++) {
        const float* at = padded.data() + y * stride;
        QuickRow(at, offset.data(), weight.data(), taps.count, row.data(), length);
        RoundRow(row.data(), error, at, offset.data(), taps, out + y * length, length);
      }
      return;
    }
  }
  std::vector<double> row(length);
  for (int64_t y = 0; y < window.height; y++) {
    std::fill(row.begin(), row.end(), 0);
    Row(padded.data() + y * stride, offset.data(), taps.weight, taps.count, row.data(), length);
    for (int64_t i = 0; i < length; i++) {
      const float value = static_cast<float>(row[i]);
      if constexpr (sizeof(Value) == 1) {
        out[y * length + i] = Rounded(value);
      } else {
        out[y * length + i] = value;
      }
    }
  }
}

/** A typed array, without a copy. */
struct Array {
  napi_typedarray_type type;
  size_t length;
  void* data;
};

bool Read(napi_env env, napi_value value, Array* array) {
  bool is_array = false;
  return napi_is_typedarray(env, value, &is_array) == napi_ok && is_array &&
         napi_get_typedarray_info(env, value, &array->type, &array->length, &array->data, nullptr, nullptr) == napi_ok;
}

bool IsPixels(const Array& array) { return array.type == napi_uint8_array || array.type == napi_float32_array; }

napi_value Fail(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

napi_value ConvolveModule(napi_env env, napi_callback_info info) {
  constexpr size_t kArguments = 9;
  size_t count = kArguments;
  napi_value given[kArguments];
  if (napi_get_cb_info(env, info, &count, given, nullptr, nullptr) != napi_ok || count != kArguments) {
    return Fail(env, "convolve takes nine arguments");
  }
  Array data, dx, dy, weight, window, out;
  int64_t width, height;
  int32_t border;
  if (!Read(env, given[0], &data) || !Read(env, given[3], &dx) || !Read(env, given[4], &dy) ||
      !Read(env, given[5], &weight) || !Read(env, given[7], &window) || !Read(env, given[8], &out) ||
      napi_get_value_int64(env, given[1], &width) != napi_ok ||
      napi_get_value_int64(env, given[2], &height) != napi_ok ||
      napi_get_value_int32(env, given[6], &border) != napi_ok) {
    return Fail(env, "convolve: an argument is of another type");
  }
  if (!IsPixels(data) || !IsPixels(out) || dx.type != napi_int16_array || dy.type != napi_int16_array ||
      weight.type != napi_float64_array || window.type != napi_int32_array || window.length != 4) {
    return Fail(env, "convolve: an array is of another type");
  }
  const auto* sides = static_cast<const int32_t*>(window.data);
  const Window part = {sides[0], sides[1], sides[2], sides[3]};
  const bool fits = width > 0 && height > 0 && width <= kMostPixels / height && part.width > 0 && part.height > 0 &&
                    part.width <= kMostPixels / part.height &&
                    data.length == static_cast<size_t>(kChannels * width * height) &&
                    out.length == static_cast<size_t>(kChannels * part.width * part.height) && weight.length > 0 &&
                    dx.length == weight.length && dy.length == weight.length;
  if (!fits) return Fail(env, "convolve: the lengths of the arrays do not fit the sides");
  const Taps taps = {static_cast<const int16_t*>(dx.data), static_cast<const int16_t*>(dy.data),
                     static_cast<const double*>(weight.data), weight.length};
  const auto run = [&](const auto* pixels, auto* values) {
    Convolve(pixels, width, height, taps, border, part, values);
  };
  const auto write = [&](const auto* pixels) {
    if (out.type == napi_uint8_array) {
      run(pixels, static_cast<uint8_t*>(out.data));
    } else {
      run(pixels, static_cast<float*>(out.data));
    }
  };
  try {
    if (data.type == napi_uint8_array) {
      write(static_cast<const uint8_t*>(data.data));
    } else {
      write(static_cast<const float*>(data.data));
    }
  } catch (const std::bad_alloc&) {
    return Fail(env, "convolve: there is not enough memory");
  }
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "convolve", NAPI_AUTO_LENGTH, ConvolveModule, nullptr, &function) != napi_ok) {
    return nullptr;
  }
  return napi_set_named_property(env, exports, "convolve", function) == napi_ok ? exports : nullptr;
}
