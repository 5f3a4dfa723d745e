// The push constants of unfold and fold (windows.h); pairs are height, width.
layout(push_constant) uniform Push {
  ivec2 size, windows, kernel, stride, dilation, padding;
  ivec2 first, end;  // fold: the taps of this dispatch, of those that each element has, after those of earlier ones
  uint count;
} p;
