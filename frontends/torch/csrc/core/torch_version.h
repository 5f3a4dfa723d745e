// Where PyTorch's releases differ in what they raise.
#pragma once

#include <c10/util/Exception.h>
#include <torch/version.h>

// The subtraction and negation of truth values: NotImplementedError from 2.14 on, RuntimeError before.
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 14
#define LINESHAFT_CHECK_MINUS TORCH_CHECK_NOT_IMPLEMENTED
#else
#define LINESHAFT_CHECK_MINUS TORCH_CHECK
#endif
