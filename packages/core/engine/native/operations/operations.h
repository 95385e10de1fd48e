#pragma once

namespace dualprior {

void RegisterOptimizerOperations();
void RegisterPixelOperations();

}  // namespace dualprior
