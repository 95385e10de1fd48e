#pragma once

namespace dualprior {

void RegisterOptimizerOperations();
void RegisterPixelOperations();
void RegisterGateOperations();
void RegisterDepthwiseOperations();
void RegisterResamplingOperations();
void RegisterActivationOperations();
void RegisterModulationOperations();

}  // namespace dualprior
