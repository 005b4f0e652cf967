// Bursts and gaps of loss (RFC 3611 §4.7.2), driven by the fate of every packet in the order of the sequence.
#pragma once

#include <cstdint>

namespace sidetone::rtp {

class LossBursts {
 public:
  static constexpr std::uint64_t gmin = 16;  // recommended by §4.7.2; constant for a session (§4.7.6)

  void received(std::uint64_t count = 1);
  void lost(std::uint64_t count = 1);
  void discarded(std::uint64_t count = 1);  // it came, but too late to be played

  // What one may subtract: of the whole stream, or of an interval.
  struct Counts {
    std::uint64_t expected = 0, lost = 0, discarded = 0;
    std::uint64_t runs = 0;  // of consecutive packets that were lost or discarded
    [[nodiscard]] std::uint64_t missing() const { return lost + discarded; }
    [[nodiscard]] Counts since(const Counts& before) const;
    friend bool operator==(const Counts&, const Counts&) = default;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

  // As of now: what follows counts as at least Gmin received packets (§4.7.2).
  struct Figures {
    double burst_density = 0, gap_density = 0;  // 0..1 of the packets within them
    double burst_packets = 0, gap_packets = 0;  // mean length
    std::uint64_t bursts = 0;
  };
  [[nodiscard]] Figures figures() const;

 private:
  void missing(std::uint64_t count);
  void close_run();

  Counts counts_;
  std::uint64_t good_ = 0;                        // received since the last one that was not
  std::uint64_t run_missing_ = 0, run_size_ = 0;  // what is a burst, or an isolated loss, when it closes
  std::uint64_t bursts_ = 0, burst_missing_ = 0, burst_size_ = 0;
  std::uint64_t gap_missing_ = 0, gap_size_ = 0;
};

}  // namespace sidetone::rtp
