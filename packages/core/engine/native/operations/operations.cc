// A Node module that makes TensorFlow know operations of ours, on the CPU. They are called by their names, as
// TensorFlow's own.

#include "operations.h"

#include <node_api.h>

#include <stdexcept>

NAPI_MODULE_INIT() {
  try {
    dualprior::RegisterOptimizerOperations();
    dualprior::RegisterPixelOperations();
    dualprior::RegisterGateOperations();
    dualprior::RegisterDepthwiseOperations();
    dualprior::RegisterResamplingOperations();
    dualprior::RegisterActivationOperations();
    dualprior::RegisterModulationOperations();
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return exports;
}
