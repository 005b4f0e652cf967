#include "rtp/loss_bursts.h"

#include <algorithm>

namespace sidetone::rtp {
namespace {

double share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

}  // namespace

LossBursts::Counts LossBursts::Counts::since(const Counts& before) const {
  return {expected - before.expected, lost - before.lost, discarded - before.discarded, runs - before.runs};
}

void LossBursts::received(std::uint64_t count) {
  counts_.expected += count;
  good_ += count;
}

void LossBursts::lost(std::uint64_t count) {
  counts_.lost += count;
  missing(count);
}

void LossBursts::discarded(std::uint64_t count) {
  counts_.discarded += count;
  missing(count);
}

void LossBursts::missing(std::uint64_t count) {
  const bool goes_on = run_missing_ > 0 && good_ == 0;
  if (!goes_on) ++counts_.runs;
  counts_.expected += count;
  if (run_missing_ > 0 && good_ < gmin) {
    run_size_ += good_ + count;
    run_missing_ += count;
  } else {
    close_run();
    gap_size_ += good_;
    run_size_ = run_missing_ = count;
  }
  good_ = 0;
}

// One packet between two gaps is an isolated loss and part of them; more are a burst.
void LossBursts::close_run() {
  if (run_missing_ == 1) {
    ++gap_size_;
    ++gap_missing_;
  } else if (run_missing_ > 1) {
    ++bursts_;
    burst_size_ += run_size_;
    burst_missing_ += run_missing_;
  }
  run_missing_ = run_size_ = 0;
}

LossBursts::Figures LossBursts::figures() const {
  auto closed = *this;
  closed.close_run();
  closed.gap_size_ += good_;
  Figures figures;
  figures.bursts = closed.bursts_;
  figures.burst_density = share(closed.burst_missing_, closed.burst_size_);
  figures.gap_density = share(closed.gap_missing_, closed.gap_size_);
  figures.burst_packets = share(closed.burst_size_, closed.bursts_);
  // Per burst, as in the example of §4.7.2 and in §A.2; without one there is a single gap.
  figures.gap_packets = share(closed.gap_size_, std::max<std::uint64_t>(1, closed.bursts_));
  return figures;
}

}  // namespace sidetone::rtp
