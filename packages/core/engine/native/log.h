#pragma once

/** From now on TensorFlow's messages reach standard error through a filter that leaves out what is no error. */
void FilterMessages();
