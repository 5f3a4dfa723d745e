#include <gtest/gtest.h>

#include "commands/work.h"
#include "support/examples.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;

TEST(SearchSortedRules, ASequenceStaysInsideItsBound) {
  static int64_t negative[1] = {-1}, far[1] = {(int64_t{1} << 52) + 2}, two[2] = {1, 1};
  expect_rejections<SearchSorted>(
      examples::search_sorted(),
      {{"0 strides and 1 bounds", [](SearchSorted& o) { o.index_strides.count = 0; }},
       {"1 strides and 2 bounds", [](SearchSorted& o) { o.bounds = two; }},
       {"stride is -1", [](SearchSorted& o) { o.index_strides = negative; }},
       {"bound is -1", [](SearchSorted& o) { o.bounds = negative; }},
       {"more than 2^52", [](SearchSorted& o) { o.bounds = far; }},
       {"more than 2^52", [](SearchSorted& o) { o.index_strides = far; }},
       {"sequence is missing", [](SearchSorted& o) { o.sequence = {}; }},
       {"must be disjoint", [](SearchSorted& o) {  // behind the view of the sequence, inside its last row
          o.output.buffer = o.sequence.buffer;
          o.output.offset = 104;
        }}});
  SearchSorted apart = examples::search_sorted();
  apart.output.buffer = apart.sequence.buffer;
  apart.output.offset = 120;
  EXPECT_NO_THROW(validate(apart));
}

TEST(SearchSortedRules, ValuesAndCountsHaveOneShape) {
  static int64_t long_sequence[1] = {int64_t{1} << 31};
  expect_rejections<SearchSorted>(examples::search_sorted(),
                                  {{"values is f64", [](SearchSorted& o) { o.values.dtype = DType::kF64; }},
                                   {"values has sizes", [](SearchSorted& o) { o.values.sizes[0] = 2; }},
                                   {"values is missing", [](SearchSorted& o) { o.values = {}; }},
                                   {"sequence has sizes", [](SearchSorted& o) { o.sequence.sizes[1] = 3; }},
                                   {"output is f32", [](SearchSorted& o) { o.output.dtype = DType::kF32; }},
                                   {"output is missing", [](SearchSorted& o) { o.output = {}; }},
                                   {"overlaps itself", [](SearchSorted& o) { o.output.strides[0] = 0; }},
                                   {"2147483648 elements, more than output's i32", [](SearchSorted& o) {
                                      o.bounds = long_sequence;
                                      o.output.dtype = DType::kI32;
                                    }}});
  SearchSorted short_counts = examples::search_sorted();
  short_counts.output.dtype = DType::kI32;
  EXPECT_NO_THROW(validate(short_counts));
}

TEST(SearchSortedRules, ASearchTakesTheLogarithmOfItsSequence) {
  auto units = [](int64_t size) {
    SearchSorted op = examples::search_sorted();
    op.bounds = List<int64_t>(&size, 1);
    CommandList list;
    list.add(op, nullptr, 1);
    return work_of(list.commands[0]).units;
  };
  EXPECT_EQ(units(0), 12 * 2);
  EXPECT_EQ(units(10), 12 * (2 + 4));
  EXPECT_EQ(units(1 << 20), 12 * (2 + 21));
}

}  // namespace
}  // namespace lineshaft
