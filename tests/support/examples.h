// One well-formed operation of each kind, for tests that go over the whole catalogue. Views lie in buffers 1 to
// kBuffers of kBufferSize bytes; lists point to memory that lives as long as the process.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>

#include "lineshaft/commands/command_list.h"
#include "support/expected_error.h"

namespace lineshaft::examples {

inline constexpr int kBuffers = 64;
inline constexpr int64_t kBufferSize = 1 << 16;

// A contiguous view at the start of buffer `slot`.
TensorView view(int slot, DType dtype, std::initializer_list<int64_t> sizes);

// Changes one size and makes the view contiguous.
void resize(TensorView& view, int axis, int64_t size);

// f32 programs: x + y * arg0, and x * 2.
ProgramRef multiply_add();
ProgramRef twice();

#define LINESHAFT_OPERATION(Type, name) Type name();
#include "lineshaft/ops/catalogue.def"

// Creates the buffers, then runs every example.
void add_all(CommandList& list);

template <class Op>
struct Rejection {
  const char* says;  // a part of the error's text
  std::function<void(Op&)> change;
};

// `op` is accepted; each change makes it one that is refused with the text.
template <class Op>
void expect_rejections(const Op& op, std::initializer_list<Rejection<Op>> rejections) {
  EXPECT_NO_THROW(validate(op));
  for (const auto& [says, change] : rejections) {
    Op changed = op;
    change(changed);
    expect_error(ErrorCode::kInvalidArgument, says, [&] { validate(changed); });
  }
}

}  // namespace lineshaft::examples
