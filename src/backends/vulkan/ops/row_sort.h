// Stable sorting of rows: runs of 16 in registers, then merges, each element finding its place by bisection.
#pragma once

#include "backends/vulkan/device/context.h"

namespace lineshaft::vulkan {

enum class KeyKind : uint32_t { kRaw, kInteger, kFloat };  // kRaw: unsigned words as they are

struct SortedRows {
  TensorView keys;       // i32 or i64 words that order as unsigned numbers
  TensorView positions;  // i32: where in its row each came from
};

// `source` is dense [rows, length] of 4- or 8-byte elements.
SortedRows sort_rows(Context& context, const TensorView& source, int64_t rows, int64_t length, KeyKind kind,
                     bool descending);

// How elements of the type order once they are words.
KeyKind key_kind(DType type);

// The first `kept` of each sorted row of `source`, by axis `axis` of the outputs.
void store_sorted(Context& context, const SortedRows& sorted, const TensorView& source, int64_t rows, int64_t length,
                  int64_t kept, int axis, const TensorView& values, const TensorView& indices);

}  // namespace lineshaft::vulkan
