// Where PyTorch's releases differ in what they raise: NotImplementedError for a dtype that an operator does not take,
// where it was RuntimeError before.
#pragma once

#include <c10/util/Exception.h>
#include <torch/version.h>

#define LINESHAFT_TORCH_FROM(minor) (TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= (minor))

// From 2.14 on for truth values.
#if LINESHAFT_TORCH_FROM(14)
#define LINESHAFT_CHECK_NOT_BOOL TORCH_CHECK_NOT_IMPLEMENTED
#else
#define LINESHAFT_CHECK_NOT_BOOL TORCH_CHECK
#endif

// From 2.15 on for other dtypes.
#if LINESHAFT_TORCH_FROM(15)
#define LINESHAFT_CHECK_DTYPE TORCH_CHECK_NOT_IMPLEMENTED
#else
#define LINESHAFT_CHECK_DTYPE TORCH_CHECK
#endif
