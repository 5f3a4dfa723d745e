#version 450
#extension GL_GOOGLE_include_directive : require
#include "library/math_f64.glsl"

void main() {}
