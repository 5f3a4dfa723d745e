#include "device/failure.h"

#include <gtest/gtest.h>

#include "lineshaft/ops/catalogue.h"

namespace lineshaft {
namespace {

template <class Exception>
Error failure(const Command& command, const Exception& exception) {
  try {
    throw exception;
  } catch (const std::exception&) {
    return failure_of(command);
  }
}

struct Product {
  Matmul op;
  Command command;

  explicit Product(const char* label) {
    op.a = contiguous_view(BufferId::make(1, 1), DType::kF32, std::array<int64_t, 2>{3, 70});
    op.b = contiguous_view(BufferId::make(1, 1), DType::kF32, std::array<int64_t, 2>{70, 5});
    op.output = contiguous_view(BufferId::make(1, 1), DType::kF32, std::array<int64_t, 2>{3, 5});
    command.kind = CommandKind::kOperation;
    command.op_kind = OpKind::kMatmul;
    command.op = &op;
    command.label = label;
  }
};

TEST(Failure, OfTheCallerKeepsItsText) {
  Product labelled("aten::mm"), plain(nullptr);
  Error index(ErrorCode::kIndex, "index 7 is out of bounds");
  EXPECT_STREQ(failure(labelled.command, index).what(), "aten::mm: index 7 is out of bounds");
  EXPECT_STREQ(failure(plain.command, index).what(), "index 7 is out of bounds");
  EXPECT_EQ(failure(labelled.command, index).code(), ErrorCode::kIndex);
}

TEST(Failure, OfALibrarySaysWhatItMeansAndWhatToDo) {
  Product product("aten::mm");
  for (const Error& error : {failure(product.command, std::runtime_error("could not create a primitive")),
                             failure(product.command, Error(ErrorCode::kInternal, "could not create a primitive"))}) {
    EXPECT_EQ(error.code(), ErrorCode::kInternal);
    std::string text = error.what();
    for (const char* part : {"aten::mm: ", "a defect of Lineshaft", "could not create a primitive", "matmul", "[3, 70]",
                             "[70, 5]", ".cpu()"})
      EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

TEST(Failure, OfMemorySaysToUseLess) {
  Product plain(nullptr);
  Error error = failure(plain.command, std::bad_alloc());
  EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
  EXPECT_STREQ(error.what(), "matmul: the system has no memory left; use a smaller batch");
}

}  // namespace
}  // namespace lineshaft
