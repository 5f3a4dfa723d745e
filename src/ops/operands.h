// The rules that every operation's memory obeys, written once: views are well formed, outputs do not overlap
// themselves, and two views of one buffer are identical or disjoint wherever one of them is written. Bounds against
// buffers are checked by whoever knows them.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "base/compiler.h"
#include "lineshaft/ops/operation.h"

namespace lineshaft {

struct Operand {
  const char* name = nullptr;
  TensorView view;
  bool read = false;
  bool written = false;
  bool in_place = false;  // may be identical to an output: the operation reads each element before it writes it
  uint32_t group = 0;     // map_each: identical views must belong to one group
};

// Throws unless the view is present and well formed by itself.
void require_view(const char* name, const TensorView& view);

// Throws unless the operands obey the rules above. Two outputs are always disjoint.
void require_operands(std::span<const Operand> operands);

// Collects an operation's present views.
struct OperandVisitor {
  std::vector<Operand>& operands;
  std::initializer_list<std::string_view> in_place;

  void add(const char* name, const TensorView& view, bool read, bool written) {
    if (!view) return;
    bool may_alias = false;
    for (std::string_view each : in_place) may_alias |= each == name;
    operands.push_back({name, view, read, written, may_alias});
  }
  void add(const char* name, const List<TensorView>& views, bool read, bool written) {
    for (const TensorView& view : views) {
      require_present(name, view);
      add(name, view, read, written);
    }
  }
  template <class T>
  void input(const char* name, T& field) {
    add(name, field, true, false);
  }
  template <class T>
  void output(const char* name, T& field) {
    add(name, field, false, true);
  }
  template <class T>
  void inout(const char* name, T& field) {
    add(name, field, true, true);
  }
  template <class T>
  void param(const char*, T&) {}
};

// `in_place` names the inputs that may be identical to an output. Called first: what follows may trust sizes and
// strides.
template <class Op>
void require_memory(const Op& op, std::initializer_list<std::string_view> in_place = {}) {
  std::vector<Operand> operands;
  operands.reserve(16);
  Op::fields(op, OperandVisitor{operands, in_place});
  require_operands(std::span<const Operand>(operands));
}

// How many multiplications an operation may take, of a pool how many elements it may look at: sizes in memory say
// nothing of it where views broadcast, and products of sizes inside the limit never run over.
inline constexpr int64_t kMaxWork = int64_t{1} << 56;
// Throws Error(kInvalidArgument) where the product of the factors passes it. Each size of the operation comes in once.
// A factor of 0 counts as 1, so that products of some of the sizes are inside the limit too.
void require_work(std::initializer_list<int64_t> factors);

// What a rule for sizes gives: the number, or the nearest one that 64 bits hold, as no tensor has such a size.
inline int64_t saturated(Int128 size) {
  return static_cast<int64_t>(std::clamp<Int128>(size, INT64_MIN, INT64_MAX));
}

// For units_of: the elements of a view; products of each element of `view` with a filter of `weight`, whose first axis
// counts filters; products where each element of `other` meets a row or a column of a batch of matrices.
double elements(const TensorView& view);
double filter_products(const TensorView& view, const TensorView& weight);
double matrix_products(const TensorView& matrices, const TensorView& other);

}  // namespace lineshaft
