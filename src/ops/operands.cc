#include "ops/operands.h"

#include <algorithm>

#include "base/compiler.h"

namespace lineshaft {
namespace {

constexpr int64_t kMaxComparisons = int64_t{1} << 22;  // hostile lists must not cost quadratic time

void validate_operand(const char* name, const TensorView& view, bool written) {
  try {
    written ? validate_output_view(view) : validate_view(view);
  } catch (const Error& error) {
    fail(error.code(), name, ": ", error.what());
  }
}

void require_apart(const Operand& a, const Operand& b) {
  Overlap relation = overlap(a.view, b.view);
  if (relation == Overlap::kDisjoint) return;
  bool may_alias = a.written ? b.in_place && !b.written : a.in_place;
  if (relation == Overlap::kIdentical && may_alias && a.group == b.group) return;
  fail(ErrorCode::kInvalidArgument, a.name, " ", to_string(a.view), " and ", b.name, " ", to_string(b.view),
       " share memory, and one of them is written; ",
       may_alias && a.group == b.group ? "they must be identical or disjoint" : "they must be disjoint");
}

struct Span {
  uint64_t buffer;
  ByteRange range;
  const Operand* operand;
};

// Sweeps over the operands by buffer and first byte, comparing those whose byte ranges meet.
void require_apart(std::span<const Operand> operands) {
  std::vector<Span> spans;
  spans.reserve(operands.size());
  for (const Operand& operand : operands) {
    ByteRange range = byte_range(operand.view);
    if (range.begin < range.end) spans.push_back({operand.view.buffer.value, range, &operand});
  }
  std::ranges::sort(spans, [](const Span& a, const Span& b) {
    return a.buffer != b.buffer ? a.buffer < b.buffer : a.range.begin < b.range.begin;
  });
  int64_t comparisons = 0;
  std::vector<const Span*> open;  // spans of this buffer that reach past the current one's begin
  for (const Span& span : spans) {
    std::erase_if(open, [&](const Span* o) { return o->buffer != span.buffer || o->range.end <= span.range.begin; });
    for (const Span* other : open) {
      LS_REQUIRE(++comparisons <= kMaxComparisons, "an operation has ", operands.size(),
                 " operands that interleave in memory; pass fewer at once");
      if (span.operand->written || other->operand->written) require_apart(*other->operand, *span.operand);
    }
    open.push_back(&span);
  }
}

[[noreturn]] void fail_work(std::initializer_list<int64_t> factors) {
  std::string text;
  for (int64_t factor : factors) text += concat(text.empty() ? "" : " x ", factor);
  fail(ErrorCode::kInvalidArgument, "the operation takes ", text, " multiplications, more than 2^56; split it");
}

}  // namespace

void require_view(const char* name, const TensorView& view) {
  require_present(name, view);
  validate_operand(name, view, false);
}

void require_operands(std::span<const Operand> operands) {
  bool writes = false;
  for (const Operand& operand : operands) {
    validate_operand(operand.name, operand.view, operand.written);
    writes |= operand.written;
  }
  if (!writes) return;
  if (operands.size() > 16) return require_apart(operands);
  for (size_t i = 0; i < operands.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (operands[i].written || operands[j].written) require_apart(operands[j], operands[i]);
}

void require_work(std::initializer_list<int64_t> factors) {
  Int128 product = 1;
  for (int64_t factor : factors) {
    product *= std::max<int64_t>(factor, 1);
    if (product > kMaxWork) fail_work(factors);
  }
}

double elements(const TensorView& view) {
  return static_cast<double>(view.numel());
}

double filter_products(const TensorView& view, const TensorView& weight) {
  return elements(view) * elements(weight) / static_cast<double>(std::max<int64_t>(weight.sizes[0], 1));
}

double matrix_products(const TensorView& matrices, const TensorView& other) {
  return elements(other) * static_cast<double>(std::min(matrices.sizes[1], matrices.sizes[2]));
}

}  // namespace lineshaft
