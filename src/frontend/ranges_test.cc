#include "lineshaft/frontend/ranges.h"

#include <gtest/gtest.h>

namespace lineshaft::frontend {
namespace {

int64_t counted(int64_t start, int64_t end, int64_t step) {
  int64_t count = 0;
  for (int64_t x = start; step > 0 ? x < end : x > end; x += step) ++count;
  return count;
}

TEST(Ranges, LengthsAreNumbersOfSteps) {
  for (int64_t end = -4; end <= 4; ++end)
    for (int64_t step : {1, 2, 3, 9, -1, -2, -3, -9}) {
      if (end != 0 && (end > 0) != (step > 0)) {
        EXPECT_EQ(range_length(int64_t{0}, end, step), std::nullopt);
        continue;
      }
      EXPECT_EQ(range_length(int64_t{0}, end, step), counted(0, end, step)) << end << " by " << step;
      EXPECT_EQ(range_length(0.0, static_cast<double>(end), static_cast<double>(step)), counted(0, end, step));
    }
  EXPECT_EQ(range_length(0.0, 1.0, 0.3), 4);
  EXPECT_EQ(range_length(1.0, 0.0, 1.0), std::nullopt);
}

TEST(Ranges, LengthsThatDoNotFitAreNone) {
  EXPECT_EQ(range_length(int64_t{0}, INT64_MAX, int64_t{1}), INT64_MAX);
  EXPECT_EQ(range_length(int64_t{-1}, INT64_MAX, int64_t{1}), std::nullopt);
  EXPECT_EQ(range_length(INT64_MIN, INT64_MAX, int64_t{1} << 60), std::nullopt);
  EXPECT_EQ(range_length(0.0, 1e300, 1.0), std::nullopt);
  EXPECT_EQ(range_length(0.0, 0x1p62, 1.0), int64_t{1} << 62);
}

TEST(Triangles, CountsAreNumbersOfElements) {
  for (int64_t rows : {0, 1, 2, 5})
    for (int64_t columns : {0, 1, 3, 5, 8})
      for (int64_t diagonal = -7; diagonal <= 10; ++diagonal) {
        int64_t lower = 0, upper = 0;
        for (int64_t i = 0; i < rows; ++i)
          for (int64_t j = 0; j < columns; ++j) {
            lower += j - i <= diagonal;
            upper += j - i >= diagonal;
          }
        EXPECT_EQ(lower_triangle_count(rows, columns, diagonal), lower) << rows << " x " << columns << ", " << diagonal;
        EXPECT_EQ(upper_triangle_count(rows, columns, diagonal), upper) << rows << " x " << columns << ", " << diagonal;
      }
}

TEST(Triangles, CountsStayIn64Bits) {
  EXPECT_EQ(lower_triangle_count(INT64_MAX, INT64_MAX, 0), INT64_MAX);
  EXPECT_EQ(upper_triangle_count(INT64_MAX, INT64_MAX, INT64_MIN), INT64_MAX);
  EXPECT_EQ(lower_triangle_count(3, 4, INT64_MIN), 0);
  EXPECT_EQ(lower_triangle_count(3, 4, INT64_MAX), 12);
  EXPECT_EQ(upper_triangle_count(3, 4, INT64_MAX), 0);
}

}  // namespace
}  // namespace lineshaft::frontend
