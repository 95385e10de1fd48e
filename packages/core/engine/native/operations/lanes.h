#pragma once

#include <cstring>

namespace dualprior {

constexpr int kLanes = 16;

/** As many numbers as the widest processor computes at once; on others the compiler makes several of it. */
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));

template <typename Vector>
inline __attribute__((always_inline)) void Load(Vector& vector, const float* from) {
  std::memcpy(&vector, from, sizeof(Vector));
}

template <typename Vector>
inline __attribute__((always_inline)) void Store(float* to, const Vector& vector) {
  std::memcpy(to, &vector, sizeof(Vector));
}

}  // namespace dualprior
