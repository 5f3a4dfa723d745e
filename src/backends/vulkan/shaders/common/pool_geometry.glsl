// A pool's geometry, three spatial axes (the last are the operation's), and its windows.
layout(std140, set = 0, binding = 0) uniform Geometry {
  ivec4 input_size, output_size, kernel, stride, dilation, padding;
} g;
layout(constant_id = 0) const bool MAXIMUM = true;
layout(constant_id = 1) const bool ADAPTIVE = false;
layout(push_constant) uniform Push {
  ivec4 first, end;   // the steps along each axis of the windows that this dispatch does, after those of earlier ones
  uint count;         // of the elements written
  uint other_count;   // pool_grad: of the gradient's elements
  uint include_pad;
  int divisor;
  uint command;
  uint last;          // pool: no step follows
} p;
bool starts() { return all(equal(p.first.xyz, ivec3(0))); }

ivec3 divide(ivec3 a, ivec3 d) {  // neither negative
  return ivec3(fast_divide(uint(a.x), uint(d.x)), fast_divide(uint(a.y), uint(d.y)), fast_divide(uint(a.z), uint(d.z)));
}
void window_of(ivec3 x, out ivec3 begin, out ivec3 end) {
  if (ADAPTIVE) {
    begin = divide(x * g.input_size.xyz, g.output_size.xyz);
    end = divide((x + 1) * g.input_size.xyz + g.output_size.xyz - 1, g.output_size.xyz);
  } else {
    begin = x * g.stride.xyz - g.padding.xyz;
    end = begin + g.dilation.xyz * (g.kernel.xyz - 1) + 1;
  }
}
// By what an average's sum is divided.
int divisor_of(ivec3 begin, ivec3 end) {
  if (p.divisor > 0) return p.divisor;
  ivec3 low = begin, high = end;
  if (ADAPTIVE || p.include_pad == 0u) {
    low = max(begin, ivec3(0));
    high = min(end, g.input_size.xyz);
  } else {
    high = min(end, g.input_size.xyz + g.padding.xyz);
  }
  ivec3 size = high - low;
  return size.x * size.y * size.z;
}
ivec3 split(uint number, ivec3 sizes, out uint plane) {
  uint volume = uint(sizes.x * sizes.y * sizes.z);
  plane = fast_divide(number, volume);
  uint x = number - plane * volume;
  uint x01 = fast_divide(x, uint(sizes.z)), x0 = fast_divide(x01, uint(sizes.y));
  return ivec3(x0, x01 - x0 * uint(sizes.y), x - x01 * uint(sizes.z));
}
