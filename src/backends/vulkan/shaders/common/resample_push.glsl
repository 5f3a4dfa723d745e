// What the regular resamplings are pushed; the three spatial axes come last, absent ones have size 1 and lie before `first_axis`.
layout(push_constant) uniform Push {
  ivec4 inputs, outputs;
  uvec2 scale[3];  // f64; f32 in the first word
  uint count;
  int first_axis;
} p;

T3 ls_scale() {
#ifdef DOUBLE
  return T3(packDouble2x32(p.scale[0]), packDouble2x32(p.scale[1]), packDouble2x32(p.scale[2]));
#else
  return uintBitsToFloat(uvec3(p.scale[0].x, p.scale[1].x, p.scale[2].x));
#endif
}
