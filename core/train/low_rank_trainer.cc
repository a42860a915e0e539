// SPDX-License-Identifier: Apache-2.0
#include "core/train/low_rank_trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "core/kernels/kernels.h"

namespace glowworm {

namespace {

constexpr uint32_t kBatch = 128;
constexpr float kRate = 0.02F;  // of a matrix's root mean square, per step, at first
constexpr float kRateEnd = 0.02F;  // of the first rate
constexpr float kBeta1 = 0.9F, kBeta2 = 0.99F;
constexpr float kLogitSpread = 2;  // standard deviation of the scores at the start
constexpr float kShareLeast = 0.002F;  // of firings, in the weights of the two classes
// Half of a firing's weight is its contribution, in units of the mean one, as far as this.
constexpr double kContributionMost = 8;

// A matrix that learns: values, what is stored of them, and Adam's two moments.
class Learner {
  public:
    Learner(std::vector<float> values, size_t cols, Dtype dtype)
        : values_(std::move(values)),
          cols_(cols),
          dtype_(dtype),
          stored_(values_.size()),
          gradient_(values_.size()),
          first_(values_.size()),
          second_(values_.size()) {
        double power = 0;
        for (const float v : values_) power += static_cast<double>(v) * static_cast<double>(v);
        scale_ = static_cast<float>(
            std::sqrt(power / static_cast<double>(std::max<size_t>(values_.size(), 1))));
    }

    void round(ThreadPool& pool) {
        pool.forSlices(values_.size() / cols_, 1, [&](size_t begin, size_t end, size_t) {
            std::vector<std::byte> row(rowBytes(dtype_, cols_));
            for (size_t r = begin; r < end; ++r) {
                encodeRow(dtype_, values_.data() + r * cols_, cols_, row.data());
                decodeRow(dtype_, row.data(), cols_, stored_.data() + r * cols_);
            }
        });
    }

    // Adam (arXiv 1412.6980), the rate relative to the matrix's own size.
    void step(float rate, uint32_t steps, ThreadPool& pool) {
        const auto n = static_cast<float>(steps);
        const float correct =
            std::sqrt(1 - std::pow(kBeta2, n)) / (1 - std::pow(kBeta1, n));
        const float move = rate * std::max(scale_, 1e-3F) * correct;
        pool.forSlices(values_.size(), 16, [&](size_t begin, size_t end, size_t) {
            for (size_t i = begin; i < end; ++i) {
                const float g = gradient_[i];
                first_[i] = kBeta1 * first_[i] + (1 - kBeta1) * g;
                second_[i] = kBeta2 * second_[i] + (1 - kBeta2) * g * g;
                values_[i] -= move * first_[i] / (std::sqrt(second_[i]) + 1e-12F);
            }
        });
    }

    [[nodiscard]] MatrixView view() const {
        return {reinterpret_cast<const std::byte*>(stored_.data()), Dtype::kF32,
                stored_.size() / cols_, cols_, cols_ * sizeof(float)};
    }
    [[nodiscard]] const std::vector<float>& stored() const { return stored_; }
    [[nodiscard]] std::vector<float>& gradient() { return gradient_; }
    [[nodiscard]] std::vector<float> take() { return std::move(values_); }

  private:
    std::vector<float> values_;
    size_t cols_;
    Dtype dtype_;
    std::vector<float> stored_, gradient_, first_, second_;
    float scale_ = 0;
};

// y[n, cols] = scales[n, count] * rows[count, cols].
void combine(const float* scales, size_t n, const float* rows, size_t count, size_t cols,
             std::vector<const std::byte*>& pointers, float* y, ThreadPool& pool) {
    pointers.resize(count);
    for (size_t i = 0; i < count; ++i) {
        pointers[i] = reinterpret_cast<const std::byte*>(rows + i * cols);
    }
    std::fill_n(y, n * cols, 0.0F);
    accumulateColumnsBatch(pointers, Dtype::kF32, cols, scales, n, y, pool);
}

// out[cols, rows] of in[rows, cols].
void transpose(const float* in, size_t rows, size_t cols, float* out, ThreadPool& pool) {
    constexpr size_t kTile = 16;
    pool.forSlices(cols, kTile, [&](size_t begin, size_t end, size_t) {
        for (size_t c0 = begin; c0 < end; c0 += kTile) {
            for (size_t r = 0; r < rows; ++r) {
                for (size_t c = c0; c < std::min(c0 + kTile, end); ++c) {
                    out[c * rows + r] = in[r * cols + c];
                }
            }
        }
    });
}

// The logistic function by a rational tanh: smooth, monotone, and the compiler makes vectors of it.
float logistic(float s) {
    const float u = std::clamp(s * 0.5F, -3.0F, 3.0F);
    const float square = u * u;
    return 0.5F + 0.5F * u * (27 + square) / (27 + 9 * square);
}

class Trainer {
  public:
    Trainer(const LowRankFactors& start, const float* bias, float threshold,
            const TrainingOptions& options, const float* x, uint32_t tokens, uint32_t hidden,
            const LayerTruth& truth, ThreadPool& pool)
        : options_(options),
          x_(x),
          tokens_(tokens),
          hidden_(hidden),
          neurons_(truth.neurons()),
          rank_(start.rank),
          truth_(truth),
          pool_(pool),
          reduce_({}, hidden, options.dtype),
          expand_({}, rank_, options.dtype) {
        begin(start, bias, threshold);
        weigh();
        batch_x_.resize(size_t{kBatch} * hidden_);
        reduced_.resize(size_t{kBatch} * rank_);
        scores_.resize(size_t{kBatch} * neurons_);
        turned_.resize(size_t{kBatch} * std::max(neurons_, rank_));
        reduced_gradient_.resize(size_t{kBatch} * rank_);
    }

    Result<LowRankFactors> run(const StopFlag& stop);

  private:
    void begin(const LowRankFactors& start, const float* bias, float threshold);
    void weigh();
    void step(std::span<const uint32_t> batch, float rate);
    void slopes(std::span<const uint32_t> batch);

    const TrainingOptions& options_;
    const float* x_;
    uint32_t tokens_, hidden_, neurons_, rank_;
    const LayerTruth& truth_;
    ThreadPool& pool_;
    Learner reduce_, expand_;
    std::vector<float> bias_;  // [neurons] in our units
    float unit_ = 1;           // our scores in those of the start
    float level_weight_[256] = {};  // of a neuron and token, by the truth's level
    std::vector<float> batch_x_, reduced_, scores_, turned_, reduced_gradient_;
    std::vector<const std::byte*> pointers_;
    uint32_t steps_ = 0;
};

// The same function in friendlier units: the reduced values and the scores get a spread of about 1
// and kLogitSpread, and the threshold becomes 0.
void Trainer::begin(const LowRankFactors& start, const float* bias, float threshold) {
    std::vector<float> reduce = start.reduce, expand = start.expand;
    const uint32_t looked_at = std::min<uint32_t>(tokens_, 512);
    const MatrixView r{reinterpret_cast<const std::byte*>(reduce.data()), Dtype::kF32, rank_,
                       hidden_, hidden_ * sizeof(float)};
    std::vector<float> z(size_t{looked_at} * rank_);
    matmul(r, nullptr, InputRows{x_, looked_at, hidden_, nullptr}, z.data(), pool_);
    double score_power = 0;
    std::vector<double> power(rank_);
    for (size_t i = 0; i < z.size(); ++i) power[i % rank_] += static_cast<double>(z[i] * z[i]);
    for (uint32_t k = 0; k < rank_; ++k) {
        const auto spread = static_cast<float>(std::sqrt(power[k] / looked_at) + 1e-12);
        for (uint32_t c = 0; c < hidden_; ++c) reduce[size_t{k} * hidden_ + c] /= spread;
        for (uint32_t n = 0; n < neurons_; ++n) {
            float& e = expand[size_t{n} * rank_ + k];
            e *= spread;
            score_power += static_cast<double>(e * e);
        }
    }
    unit_ = static_cast<float>(kLogitSpread / (std::sqrt(score_power / neurons_) + 1e-12));
    for (float& e : expand) e *= unit_;
    bias_.resize(neurons_);
    for (uint32_t n = 0; n < neurons_; ++n) {
        bias_[n] = ((bias == nullptr ? 0 : bias[n]) - threshold) * unit_;
    }
    reduce_ = Learner(std::move(reduce), hidden_, options_.dtype);
    expand_ = Learner(std::move(expand), rank_, options_.dtype);
}

void Trainer::weigh() {
    double fired = 0, sum = 0;
    for (uint32_t t = 0; t < tokens_; ++t) {
        const uint8_t* levels = truth_.token(t);
        for (uint32_t n = 0; n < neurons_; ++n) {
            fired += levels[n] != 0;
            sum += static_cast<double>(LayerTruth::contribution(levels[n]));
        }
    }
    const double share = fired / (static_cast<double>(tokens_) * neurons_);
    const float of_fired = 0.5F / std::max(static_cast<float>(share), kShareLeast);
    level_weight_[0] = 0.5F / std::max(static_cast<float>(1 - share), kShareLeast);
    const double mean = std::max(fired > 0 ? sum / fired : 1, 1e-12);
    for (uint32_t level = 1; level < 256; ++level) {
        const auto relative = static_cast<double>(
                                  LayerTruth::contribution(static_cast<uint8_t>(level))) / mean;
        level_weight_[level] =
            of_fired * static_cast<float>(0.5 + 0.5 * std::min(relative, kContributionMost));
    }
}

// From scores to the slope of the loss in each of them, in place.
void Trainer::slopes(std::span<const uint32_t> batch) {
    pool_.forSlices(batch.size(), 1, [&](size_t begin, size_t end, size_t) {
        for (size_t i = begin; i < end; ++i) {
            const uint8_t* levels = truth_.token(batch[i]);
            float* s = scores_.data() + i * neurons_;
            for (uint32_t n = 0; n < neurons_; ++n) {
                const float p = logistic(s[n]);
                s[n] = level_weight_[levels[n]] * (levels[n] != 0 ? p - 1 : p);
            }
        }
    });
}

void Trainer::step(std::span<const uint32_t> batch, float rate) {
    const size_t n = batch.size();
    for (size_t i = 0; i < n; ++i) {
        std::copy_n(x_ + size_t{batch[i]} * hidden_, hidden_, batch_x_.data() + i * hidden_);
    }
    reduce_.round(pool_);
    expand_.round(pool_);
    matmul(reduce_.view(), nullptr, InputRows{batch_x_.data(), n, hidden_, nullptr},
           reduced_.data(), pool_);
    matmul(expand_.view(), bias_.data(), InputRows{reduced_.data(), n, rank_, nullptr},
           scores_.data(), pool_);
    slopes(batch);
    combine(scores_.data(), n, expand_.stored().data(), neurons_, rank_, pointers_,
            reduced_gradient_.data(), pool_);
    transpose(scores_.data(), n, neurons_, turned_.data(), pool_);
    combine(turned_.data(), neurons_, reduced_.data(), n, rank_, pointers_,
            expand_.gradient().data(), pool_);
    transpose(reduced_gradient_.data(), n, rank_, turned_.data(), pool_);
    combine(turned_.data(), rank_, batch_x_.data(), n, hidden_, pointers_,
            reduce_.gradient().data(), pool_);
    ++steps_;
    reduce_.step(rate, steps_, pool_);
    expand_.step(rate, steps_, pool_);
}

Result<LowRankFactors> Trainer::run(const StopFlag& stop) {
    std::vector<uint32_t> order(tokens_);
    std::iota(order.begin(), order.end(), 0U);
    std::mt19937 random(20240612);
    const size_t batches = (tokens_ + kBatch - 1) / kBatch;
    const auto total = static_cast<double>(batches * options_.epochs);
    double over = 0;
    for (uint32_t epoch = 0; epoch < options_.epochs && over < 1; ++epoch) {
        std::ranges::shuffle(order, random);
        for (size_t first = 0; first < tokens_ && over < 1; first += kBatch) {
            if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
            const double done = steps_ / total;
            over = std::max(done, options_.pace ? options_.pace(done) : 0);
            const auto left = static_cast<float>(1 - std::min(over, 1.0));
            step(std::span(order).subspan(first, std::min<size_t>(kBatch, tokens_ - first)),
                 kRate * (kRateEnd + (1 - kRateEnd) * left));
        }
    }
    LowRankFactors trained{rank_, reduce_.take(), expand_.take()};
    for (float& e : trained.expand) e /= unit_;
    return trained;
}

}  // namespace

Result<LowRankFactors> trainLowRank(const LowRankFactors& start, const float* bias,
                                    float threshold, const TrainingOptions& options,
                                    const float* x, uint32_t tokens, uint32_t hidden,
                                    const LayerTruth& truth, ThreadPool& pool,
                                    const StopFlag& stop) {
    return Trainer(start, bias, threshold, options, x, tokens, hidden, truth, pool).run(stop);
}

}  // namespace glowworm
