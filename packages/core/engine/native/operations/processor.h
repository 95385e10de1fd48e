#pragma once

/** Compiled for several processors; the loader takes the best. None of them fuses a product and a sum, so the digits are the same. */
#define FOR_THIS_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
