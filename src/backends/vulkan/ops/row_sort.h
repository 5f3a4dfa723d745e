// Stable sorting of rows: runs of 16 elements are sorted in registers and then merged; in a merge, each element finds
// its place by binary search.
#pragma once

#include "backends/vulkan/device/context.h"

namespace lineshaft::vulkan {

enum class KeyKind : uint32_t { kRaw, kInteger, kFloat };  // kRaw: unsigned words as they are

struct SortedRows {
  TensorView keys;       // i32 or i64 words that are sorted as unsigned numbers
  TensorView positions;  // i32: the position of each element in its row before the sort
};

// `source` is dense [rows, length] of 4- or 8-byte elements.
SortedRows sort_rows(Context& context, const TensorView& source, int64_t rows, int64_t length, KeyKind kind,
                     bool descending);

// The kind of keys for elements of the type.
KeyKind key_kind(DType type);

// Stores the first `kept` elements of each sorted row of `source` along axis `axis` of the outputs.
void store_sorted(Context& context, const SortedRows& sorted, const TensorView& source, int64_t rows, int64_t length,
                  int64_t kept, int axis, const TensorView& values, const TensorView& indices);

}  // namespace lineshaft::vulkan
