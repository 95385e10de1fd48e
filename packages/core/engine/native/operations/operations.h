#pragma once

namespace dualprior {

void RegisterOptimizerOperations();
void RegisterPixelOperations();
void RegisterGateOperations();
void RegisterDepthwiseOperations();

}  // namespace dualprior
