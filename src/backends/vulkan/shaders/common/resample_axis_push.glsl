// What the resamplings along one axis are pushed.
layout(push_constant) uniform Push {
  uint count;            // of the elements written
  int inputs, outputs, inner;
  int first, end;        // the terms of each element that this dispatch adds
  uint last;             // no terms follow
  uint unused;
  uvec2 scale;           // f64; f32 in the first word
} p;

T ls_axis_scale() {
#ifdef DOUBLE
  return packDouble2x32(p.scale);
#else
  return uintBitsToFloat(p.scale.x);
#endif
}
