// How operands of linear algebra lie; MatrixPush in linear.h. Strides may be negative: sums wrap.
struct Matrix {
  uint base;
  int batch, row, column;
};
uint element_of(const Matrix m, const uint batch, const uint i, const uint j) {
  return m.base + batch * uint(m.batch) + i * uint(m.row) + j * uint(m.column);
}
