#include <gtest/gtest.h>

#include "support/examples.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

using examples::expect_rejections;
using examples::resize;
using examples::view;

TEST(ConvRules, ShapesAndGeometry) {
  expect_rejections<Conv>(examples::conv(),
                          {{"of rank 2", [](Conv& o) { o.input.rank = 2; }},
                           {"the weight side has rank 3", [](Conv& o) { o.weight.rank = 3; }},
                           {"stride is 0", [](Conv& o) { o.geometry.stride[0] = 0; }},
                           {"stride is -1", [](Conv& o) { o.geometry.stride[1] = -1; }},
                           {"dilation is 0", [](Conv& o) { o.geometry.dilation[1] = 0; }},
                           {"padding_begin is -1", [](Conv& o) { o.geometry.padding_begin[1] = -1; }},
                           {"padding_end is -2", [](Conv& o) { o.geometry.padding_end[0] = -2; }},
                           {"not used", [](Conv& o) { o.geometry.stride[2] = 2; }},
                           {"groups is 0", [](Conv& o) { o.geometry.groups = 0; }},
                           {"3 groups do not divide", [](Conv& o) { o.geometry.groups = 3; }},
                           {"2 channels a group", [](Conv& o) { o.geometry.groups = 1; }},
                           {"3 images, the output 2", [](Conv& o) { o.input.sizes[0] = 3; }},
                           {"5 channels, the weight 6", [](Conv& o) { o.output.sizes[1] = 5; }},
                           {"the geometry gives 4", [](Conv& o) { resize(o.output, 2, 5); }},
                           {"larger than the padded input", [](Conv& o) { o.weight.sizes[2] = 10; }},
                           {"larger than the padded input", [](Conv& o) { o.geometry.dilation[0] = INT32_MAX; }},
                           {"size 0 on spatial axis 0", [](Conv& o) { o.weight.sizes[2] = 0; }},
                           {"the input side is i32", [](Conv& o) { o.input.dtype = DType::kI32; }},
                           {"weight is f16", [](Conv& o) { o.weight.dtype = DType::kF16; }},
                           {"must be disjoint", [](Conv& o) { o.output.buffer = o.input.buffer; }}});
  EXPECT_NO_THROW(validate(examples::conv_grad_input()));
  EXPECT_NO_THROW(validate(examples::conv_grad_weight()));
}

TEST(ConvRules, GradientsFollowTheForwardShapes) {
  expect_rejections<ConvGradInput>(
      examples::conv_grad_input(),
      {{"the geometry gives", [](ConvGradInput& o) { resize(o.output, 3, 9); }},
       {"weight is f16", [](ConvGradInput& o) { o.weight.dtype = DType::kF16; }},
       {"takes 2 inputs", [](ConvGradInput& o) { o.epilogue.program = examples::multiply_add(); }}});
  expect_rejections<ConvGradWeight>(
      examples::conv_grad_weight(),
      {{"the geometry gives", [](ConvGradWeight& o) { resize(o.output, 2, 4); }},
       {"grad_output is f64", [](ConvGradWeight& o) { o.grad_output.dtype = DType::kF64; }},
       {"must be disjoint", [](ConvGradWeight& o) { o.output.buffer = o.grad_output.buffer; }}});
}

TEST(ConvRules, TheOutputSizeNeverOverflows) {
  ConvGeometry geometry{.dilation = {INT32_MAX, 1, 1}};
  EXPECT_EQ(conv_output_size(8, int64_t{1} << 52, geometry, 0), 0);
  EXPECT_EQ(conv_output_size(8, 2, geometry, 0), 0);
  EXPECT_EQ(conv_output_size(8, 1, geometry, 0), 8);
  EXPECT_EQ(conv_output_size(7, 3, {.stride = {2, 1, 1}, .padding_begin = {1, 0, 0}, .padding_end = {1, 0, 0}}, 0), 4);
  EXPECT_EQ(conv_output_size(INT64_MAX, 1, {.padding_begin = {INT32_MAX, 0, 0}}, 0), INT64_MAX);
  EXPECT_EQ(conv_output_size(INT64_MAX, INT64_MIN, geometry, 0), INT64_MAX);
  const int64_t wide[] = {1, INT64_MAX, INT64_MAX}, long_filter[] = {1, INT64_MAX, INT64_MIN};
  geometry = {.stride = {INT32_MAX, 1, 1}, .groups = 2};
  EXPECT_EQ(conv_transposed_output_sizes(wide, wide, geometry, {0, 0, 0})[1], INT64_MAX);
  EXPECT_EQ(conv_transposed_output_sizes(wide, wide, geometry, {0, 0, 0})[2], INT64_MAX);
  EXPECT_NO_THROW(conv_transposed_output_sizes(long_filter, long_filter, geometry, {0, 0, 0}));
}

TEST(ConvRules, SizesOfAGeometryThatIsNoneAreRefused) {
  ConvGeometry still{.stride = {0, 1, 1}};
  expect_error(ErrorCode::kInvalidArgument, "stride is 0 on spatial axis 0", [&] { conv_output_size(8, 3, still, 0); });
  expect_error(ErrorCode::kInvalidArgument, "spatial axis 3 is asked for", [] { conv_output_size(8, 3, {}, 3); });
  expect_error(ErrorCode::kInvalidArgument, "spatial axis -1 is asked for", [] { conv_output_size(8, 3, {}, -1); });
  const int64_t many[] = {1, 1, 4, 4, 4, 4}, three[] = {1, 1, 4};
  for (size_t rank : {0, 2, 6}) {
    auto sizes = std::span<const int64_t>(many).first(rank);
    expect_error(ErrorCode::kInvalidArgument, "takes one rank, 3 to 5", [&] { conv_output_sizes(sizes, sizes, {}); });
    expect_error(ErrorCode::kInvalidArgument, "takes one rank, 3 to 5", [&] {
      conv_transposed_output_sizes(sizes, sizes, {}, {0, 0, 0});
    });
  }
  ConvGeometry plain;
  expect_error(ErrorCode::kInvalidArgument, "takes one rank, 3 to 5", [&] {
    conv_transposed_output_sizes(many, three, plain, {0, 0, 0});
  });
  expect_error(ErrorCode::kInvalidArgument, "an output of rank 6 and an input of rank 3",
               [&] { fit_conv_transposed(plain, three, three, many); });
}

TEST(ConvRules, PaddingOfAnySizeIsFittedAtOnce) {
  const int64_t input[] = {1, 1, 3}, weight[] = {1, 1, 2}, output[] = {1, 1, 6};
  for (int32_t stride : {1, 2, 3})
    for (int32_t padding : {0, 1, 2, 3, 4, 5, 40, INT32_MAX}) {
      ConvGeometry geometry{.stride = {stride, 1, 1}, .padding_end = {padding, 0, 0}}, stepped = geometry;
      stepped.padding_end[0] = std::min(padding, 40);
      while (conv_output_size(6, 2, stepped, 0) > 3 && stepped.padding_end[0] > 0) --stepped.padding_end[0];
      bool fits = conv_output_size(6, 2, stepped, 0) >= 3;
      EXPECT_EQ(error_of([&] { fit_conv_transposed(geometry, input, weight, output); }).empty(), fits);
      EXPECT_EQ(geometry.padding_end, stepped.padding_end) << stride << " " << padding;
    }
}

TEST(ConvRules, OutputSizesFollowTheInputTheWeightAndTheGeometry) {
  auto expect = [](const Sizes& sizes, std::vector<int64_t> expected) {
    EXPECT_EQ(std::vector<int64_t>(sizes.begin(), sizes.end()), expected);
  };
  const int64_t input[] = {2, 6, 7, 9}, weight[] = {4, 3, 3, 2}, narrow[] = {2, 6, 2, 9};
  ConvGeometry geometry{.stride = {2, 1, 1}, .padding_begin = {1, 0, 0}, .padding_end = {1, 0, 0}, .groups = 2};
  expect(conv_output_sizes(input, weight, geometry), {2, 4, 4, 8});
  expect(conv_output_sizes(narrow, weight, {}), {2, 4, 0, 8});
  const int64_t small[] = {2, 4, 4, 8};
  expect(conv_transposed_output_sizes(small, weight, geometry, {0, 0, 0}), {2, 6, 7, 9});
  expect(conv_transposed_output_sizes(small, weight, geometry, {1, 0, 0}), {2, 6, 8, 9});
}

TEST(ConvRules, ATransposedConvolutionWithMuchOutputPaddingFits) {
  const int64_t input[] = {1, 1, 3}, weight[] = {1, 1, 2};
  ConvGeometry geometry{
      .stride = {1, 1, 1}, .dilation = {3, 1, 1}, .padding_begin = {1, 0, 0}, .padding_end = {1, 0, 0}};
  Sizes output = conv_transposed_output_sizes(input, weight, geometry, {2, 0, 0});
  EXPECT_EQ(output[2], 6);
  Sizes fitted = fit_conv_transposed(geometry, input, weight, {output.data(), output.size()});
  EXPECT_EQ(geometry.padding_end[0], 0);
  EXPECT_EQ(fitted[2], 4);  // zeros follow the three elements
  EXPECT_EQ(conv_output_size(6, 2, geometry, 0), 4);
  const int64_t too_large[] = {1, 1, 2};
  expect_error("an input of size 3 gives no output of size 2 on spatial axis 0",
               [&] { fit_conv_transposed(geometry, input, weight, too_large); });
}

TEST(UnfoldRules, ColumnsFollowTheImage) {
  expect_rejections<Unfold>(examples::unfold(),
                            {{"rank 3", [](Unfold& o) { o.input.rank = 3; }},
                             {"kernel is 0", [](Unfold& o) { o.kernel[0] = 0; }},
                             {"kernel is 2 on spatial axis 2", [](Unfold& o) { o.kernel[2] = 2; }},
                             {"stride is 0", [](Unfold& o) { o.geometry.stride[1] = 0; }},
                             {"groups is 2", [](Unfold& o) { o.geometry.groups = 2; }},
                             {"the columns have sizes", [](Unfold& o) { o.output.sizes[1] = 11; }},
                             {"the columns have sizes", [](Unfold& o) { resize(o.output, 2, 13); }},
                             {"larger than the padded image", [](Unfold& o) { o.kernel[0] = 9; }},
                             {"the columns is f16", [](Unfold& o) { o.output.dtype = DType::kF16; }}});
  expect_rejections<Fold>(examples::fold(),
                          {{"the columns have sizes", [](Fold& o) { resize(o.output, 1, 4); }},
                           {"input is bool", [](Fold& o) { o.input.dtype = o.output.dtype = DType::kBool; }}});
}

TEST(ConvRules, SizesNearTheEndOf64BitsStayThere) {
  EXPECT_EQ(conv_output_size(INT64_MAX, 1, {.padding_begin = {1, 0, 0}}, 0), INT64_MAX);
  EXPECT_EQ(conv_output_size(INT64_MAX, 2, {}, 0), INT64_MAX - 1);
}

// Counts where the windows of an image lie.
TEST(UnfoldRules, OutputSizesCountWindowsAndTheirElements) {
  for (int64_t kernel : {1, 2, 3})
    for (int32_t stride : {1, 2, 3})
      for (int32_t dilation : {1, 2})
        for (int32_t padding : {0, 1})
          for (int64_t size : {0, 1, 4, 7}) {
            ConvGeometry geometry{.stride = {stride, 1, 1},
                                  .dilation = {dilation, 1, 1},
                                  .padding_begin = {padding, 0, 0},
                                  .padding_end = {padding, 0, 0}};
            int64_t count = 0;
            while (count * stride - padding + dilation * (kernel - 1) < size + padding) ++count;
            const int64_t image[] = {2, 5, size, 4}, window[] = {kernel, 2};
            EXPECT_EQ(unfold_windows(image, window, geometry), (std::array<int64_t, 2>{count, 3}));
            Sizes columns = unfold_output_sizes(image, window, geometry);
            EXPECT_EQ(std::vector<int64_t>(columns.begin(), columns.end()),
                      (std::vector<int64_t>{2, 5 * kernel * 2, count * 3}));
            Sizes folded = fold_output_sizes({columns.data(), columns.size()}, window, size, 4);
            EXPECT_EQ(std::vector<int64_t>(folded.begin(), folded.end()), (std::vector<int64_t>{2, 5, size, 4}));
          }
}

TEST(UnfoldRules, ProductsOfSizesStayIn64Bits) {
  const int64_t image[] = {1, int64_t{1} << 40, int64_t{1} << 40, int64_t{1} << 40}, window[] = {1 << 20, 1 << 20};
  Sizes columns = unfold_output_sizes(image, window, {});
  EXPECT_EQ(columns[1], INT64_MAX);
  EXPECT_EQ(columns[2], INT64_MAX);
  const int64_t odd[] = {1, 10, 4}, two_by_three[] = {2, 3}, none[] = {0, 3};
  expect_error("columns of 10 elements are no whole windows of 2 x 3",
               [&] { fold_output_sizes(odd, two_by_three, 3, 4); });
  expect_error("no whole windows of 0 x 3", [&] { fold_output_sizes(odd, none, 3, 4); });
}

}  // namespace
}  // namespace lineshaft
