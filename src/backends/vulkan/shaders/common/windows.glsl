// The push constants of unfold and fold (windows.h); pairs are height, width.
layout(push_constant) uniform Push {
  ivec2 size, windows, kernel, stride, dilation, padding;
  uint count;
} p;
