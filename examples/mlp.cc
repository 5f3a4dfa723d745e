// Trains a multilayer perceptron on Fashion-MNIST with the engine alone: no Python, no framework.
//
//   example_mlp [FOLDER]     the folder of the four Fashion-MNIST files; without them it trains on images made here
//
// Shows what a frontend does: name buffers, record operations over views of them, read results back. Nothing waits for
// the device but the reads.
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>

#include <lineshaft/lineshaft.h>

namespace {

using namespace lineshaft;

constexpr int64_t kPixels = 784, kHidden = 128, kClasses = 10, kBatch = 100;
constexpr int kEpochs = 3;

struct Images {
  std::vector<uint8_t> pixels;  // 784 each
  std::vector<uint8_t> labels;
  int64_t count() const { return static_cast<int64_t>(labels.size()); }
};

std::vector<uint8_t> read_idx(const std::string& path, size_t header) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<uint8_t> bytes(64 << 20);
  int size = gzread(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  if (size < static_cast<int>(header)) throw std::runtime_error(path + " is not an idx file");
  return {bytes.begin() + static_cast<ptrdiff_t>(header), bytes.begin() + size};
}

Images load(const std::string& folder, const std::string& part) {
  return {read_idx(folder + "/" + part + "-images-idx3-ubyte.gz", 16),
          read_idx(folder + "/" + part + "-labels-idx1-ubyte.gz", 8)};
}

// Ten random patterns with noise over them.
Images generate(int64_t count, unsigned seed) {
  std::mt19937 patterns(7), random(seed);
  std::vector<uint8_t> pattern(kClasses * kPixels);
  for (uint8_t& pixel : pattern) pixel = static_cast<uint8_t>(patterns() & 255);
  Images made;
  for (int64_t i = 0; i < count; ++i) {
    made.labels.push_back(static_cast<uint8_t>(random() % kClasses));
    for (int64_t k = 0; k < kPixels; ++k) {
      int noisy = pattern[made.labels.back() * kPixels + k] / 4 + static_cast<int>(random() % 192);
      made.pixels.push_back(static_cast<uint8_t>(noisy));
    }
  }
  return made;
}

TensorView transposed(TensorView view) {
  std::swap(view.sizes[0], view.sizes[1]);
  std::swap(view.strides[0], view.strides[1]);
  return view;
}

// The programs: what is computed for each element. Built once; scalars that change are arguments.
struct Programs {
  ProgramRef normalize, bias_relu, bias, relu_gradient, loss, loss_gradient, update;

  Programs() {
    ProgramBuilder n;
    n.output((cast(n.input(DType::kU8), DType::kF32) / 255.0 - 0.286) / 0.353, DType::kF32);
    normalize = n.finish();

    ProgramBuilder r;
    Expr sum = r.input(DType::kF32) + r.input(DType::kF32);
    r.output(max(sum, 0.0), DType::kF32);
    bias_relu = r.finish();

    ProgramBuilder b;
    Expr product = b.input(DType::kF32);
    b.output(product + b.input(DType::kF32), DType::kF32);
    bias = b.finish();

    ProgramBuilder g;
    Expr gradient = g.input(DType::kF32), hidden = g.input(DType::kF32);
    g.output(select(hidden > 0.0, gradient, 0.0), DType::kF32);
    relu_gradient = g.finish();

    // -log p where the class is the label; inputs log p [B, 10] and the label [B, 1] broadcast.
    ProgramBuilder l;
    Expr log_p = l.input(DType::kF32), label = cast(l.input(DType::kU8), DType::kI64);
    l.output(select(l.index(1) == label, -log_p, 0.0) / static_cast<double>(kBatch), DType::kF32);
    loss = l.finish();

    ProgramBuilder d;
    Expr scores = d.input(DType::kF32), truth = cast(d.input(DType::kU8), DType::kI64);
    Expr one_hot = select(d.index(1) == truth, literal_like(scores, 1.0), 0.0);
    d.output((exp(scores) - one_hot) / static_cast<double>(kBatch), DType::kF32);
    loss_gradient = d.finish();

    ProgramBuilder u;
    Expr weight = u.input(DType::kF32), slope = u.input(DType::kF32);
    u.output(weight - u.arg(DType::kF32) * slope, DType::kF32);
    update = u.finish();
  }
};

class Perceptron {
 public:
  explicit Perceptron(Stream& stream) : stream_(stream) {
    std::mt19937 random(1);
    weights1_ = parameter(random, kPixels, kHidden);
    weights2_ = parameter(random, kHidden, kClasses);
    bias1_ = zeros(1, kHidden);
    bias2_ = zeros(1, kClasses);
  }

  // One step of gradient descent; gives the mean loss, a [1, 1] tensor that the caller reads when it likes.
  TensorView step(const uint8_t* pixels, const uint8_t* labels, double rate) {
    Forward forward = this->forward(pixels);
    TensorView label = bytes(labels, kBatch, 1);
    label.sizes[1] = kClasses;
    label.strides[1] = 0;

    TensorView losses[] = {forward.log_p, label};
    TensorView loss = tensor(1, 1);
    stream_.record(
        Reduce{.kind = ReduceKind::kSum, .axes = 3, .prologue = programs_.loss, .inputs = losses, .output = loss});

    TensorView slope2 = tensor(kBatch, kClasses);
    map(programs_.loss_gradient, {forward.log_p, label}, slope2);
    TensorView slope1 = tensor(kBatch, kHidden);
    TensorView hidden[] = {forward.hidden};
    stream_.record(Matmul{.a = slope2,
                          .b = transposed(weights2_),
                          .output = slope1,
                          .epilogue = {.program = programs_.relu_gradient, .inputs = hidden}});

    descend(weights2_, product(transposed(forward.hidden), slope2), rate);
    descend(bias2_, column_sum(slope2), rate);
    descend(weights1_, product(transposed(forward.input), slope1), rate);
    descend(bias1_, column_sum(slope1), rate);
    for (const TensorView& used : {forward.input, forward.hidden, forward.log_p, label, slope2, slope1})
      stream_.release(used.buffer);
    return loss;
  }

  int correct(const uint8_t* pixels, const uint8_t* labels) {
    Forward forward = this->forward(pixels);
    std::vector<float> scores(kBatch * kClasses);
    stream_.read(forward.log_p.buffer, 0, scores.data(), static_cast<int64_t>(scores.size() * sizeof(float)));
    for (const TensorView& used : {forward.input, forward.hidden, forward.log_p}) stream_.release(used.buffer);
    int right = 0;
    for (int64_t i = 0; i < kBatch; ++i) {
      const float* row = &scores[i * kClasses];
      right += std::max_element(row, row + kClasses) - row == labels[i];
    }
    return right;
  }

 private:
  struct Forward {
    TensorView input, hidden, log_p;
  };

  Forward forward(const uint8_t* pixels) {
    TensorView raw = bytes(pixels, kBatch, kPixels), input = tensor(kBatch, kPixels);
    map(programs_.normalize, {raw}, input);
    stream_.release(raw.buffer);
    TensorView hidden = linear(input, weights1_, bias1_, programs_.bias_relu);
    TensorView scores = linear(hidden, weights2_, bias2_, programs_.bias);
    TensorView log_p = tensor(kBatch, kClasses);
    stream_.record(Softmax{.axis = 1, .log = true, .input = scores, .output = log_p});
    stream_.release(scores.buffer);
    return {input, hidden, log_p};
  }

  TensorView tensor(int64_t rows, int64_t columns) {
    return contiguous_view(stream_.create(rows * columns * 4), DType::kF32, {rows, columns});
  }
  TensorView bytes(const uint8_t* data, int64_t rows, int64_t columns) {
    BufferId buffer = stream_.create(rows * columns);
    stream_.write(buffer, 0, data, rows * columns);
    return contiguous_view(buffer, DType::kU8, {rows, columns});
  }
  TensorView zeros(int64_t rows, int64_t columns) {
    TensorView made = tensor(rows, columns);
    std::vector<float> values(rows * columns);
    stream_.write(made.buffer, 0, values.data(), static_cast<int64_t>(values.size() * sizeof(float)));
    return made;
  }
  TensorView parameter(std::mt19937& random, int64_t rows, int64_t columns) {
    std::normal_distribution<float> normal(0, std::sqrt(2.0f / static_cast<float>(rows)));
    std::vector<float> values(rows * columns);
    for (float& value : values) value = normal(random);
    TensorView made = tensor(rows, columns);
    stream_.write(made.buffer, 0, values.data(), static_cast<int64_t>(values.size() * sizeof(float)));
    return made;
  }

  void map(ProgramRef program, std::vector<TensorView> inputs, const TensorView& output) {
    TensorView outputs[] = {output};
    stream_.record(Map{.program = program, .inputs = inputs, .outputs = outputs});
  }
  TensorView linear(const TensorView& x, const TensorView& weights, const TensorView& bias, ProgramRef epilogue) {
    TensorView output = tensor(x.sizes[0], weights.sizes[1]);
    TensorView biases[] = {broadcast_to(bias, output.shape())};
    stream_.record(Matmul{.a = x, .b = weights, .output = output, .epilogue = {.program = epilogue, .inputs = biases}});
    return output;
  }
  TensorView product(const TensorView& a, const TensorView& b) {
    TensorView output = tensor(a.sizes[0], b.sizes[1]);
    stream_.record(Matmul{.a = a, .b = b, .output = output});
    return output;
  }
  TensorView column_sum(const TensorView& x) {
    TensorView output = tensor(1, x.sizes[1]), inputs[] = {x};
    stream_.record(Reduce{.kind = ReduceKind::kSum, .axes = 1, .inputs = inputs, .output = output});
    return output;
  }
  void descend(const TensorView& weights, const TensorView& gradient, double rate) {
    TensorView inputs[] = {weights, gradient}, outputs[] = {weights};
    Scalar args[] = {Scalar::of(rate)};
    stream_.record(Map{.program = programs_.update, .inputs = inputs, .outputs = outputs, .args = args});
    stream_.release(gradient.buffer);
  }

  Stream& stream_;
  Programs programs_;
  TensorView weights1_, weights2_, bias1_, bias2_;
};

int train(const Images& images, const Images& tests) {
  OpenDevice& device = open_device(0);
  std::printf("training on %s: %s\n", device.properties().id().c_str(), device.properties().name.c_str());
  Perceptron network(device.stream());
  const int64_t steps = images.count() / kBatch;
  double accuracy = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    float loss = 0;
    for (int64_t step = 0; step < steps; ++step) {
      TensorView mean = network.step(&images.pixels[step * kBatch * kPixels], &images.labels[step * kBatch], 0.1);
      if (step + 1 == steps) device.stream().read(mean.buffer, 0, &loss, sizeof loss);
      device.stream().release(mean.buffer);
    }
    int right = 0;
    for (int64_t i = 0; i + kBatch <= tests.count(); i += kBatch)
      right += network.correct(&tests.pixels[i * kPixels], &tests.labels[i]);
    accuracy = 100.0 * right / static_cast<double>(tests.count() / kBatch * kBatch);
    std::printf("epoch %d: last loss %.3f, test accuracy %.2f %%\n", epoch + 1, loss, accuracy);
  }
  Stream::Counters counters = device.stream().counters();
  std::printf("%llu operations recorded, %llu run after fusion\n", static_cast<unsigned long long>(counters.recorded),
              static_cast<unsigned long long>(counters.executed));
  return accuracy > 80 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count > 1) return train(load(arguments[1], "train"), load(arguments[1], "t10k"));
    std::printf("no folder of Fashion-MNIST given: training on images made here\n");
    return train(generate(20000, 1), generate(2000, 2));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
