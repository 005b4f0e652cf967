#include "network.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sidetone::bench {
namespace {

using namespace std::chrono_literals;

constexpr double spike_apart_ms_min = 3000, spike_apart_ms_max = 7000;
constexpr double reordered_ms_min = 25, reordered_ms_max = 45;  // one or two packets late

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {.name = "ideal", .title = "ideal"},
      {.name = "loss1", .title = "loss 1 %", .loss = 0.01},
      {.name = "loss3", .title = "loss 3 %", .loss = 0.03},
      {.name = "loss5", .title = "loss 5 %", .loss = 0.05},
      {.name = "loss10", .title = "loss 10 %", .loss = 0.1},
      {.name = "bursts5", .title = "loss 5 % in bursts of 3", .loss = 0.05, .burst_mean = 3},
      {.name = "jitter10", .title = "jitter 10 ms", .jitter_ms = 10},
      {.name = "jitter20", .title = "jitter 20 ms", .jitter_ms = 20},
      {.name = "jitter40", .title = "jitter 40 ms", .jitter_ms = 40},
      {.name = "spikes", .title = "spikes of 200 ms", .spike_ms = 200},
      {.name = "reorder5", .title = "reordering 5 %", .reorder = 0.05},
      {.name = "jitter20loss3", .title = "jitter 20 ms, loss 3 %", .loss = 0.03, .jitter_ms = 20},
      {.name = "fast200", .title = "sender 200 ppm fast", .sender_ppm = 200, .length = 120s},
      {.name = "slow200", .title = "sender 200 ppm slow", .sender_ppm = -200, .length = 120s},
  };
  return all;
}

const Row* find_row(std::string_view name) {
  const auto found =
      std::find_if(rows().begin(), rows().end(), [&](const Row& row) { return row.name == name; });
  return found == rows().end() ? nullptr : &*found;
}

// Gilbert's model: a burst ends with each packet with the same probability, and begins so often that the
// share of lost packets is right.
bool Network::loses() {
  if (row_.loss <= 0) return false;
  if (row_.burst_mean <= 1) return random_.chance(row_.loss);
  const double ends = 1 / row_.burst_mean;
  in_burst_ = in_burst_ ? !random_.chance(ends) : random_.chance(ends * row_.loss / (1 - row_.loss));
  return in_burst_;
}

// Box and Muller.
double Network::normal() {
  constexpr std::uint64_t steps = std::uint64_t{1} << 32;
  const double a = static_cast<double>(random_.below(steps) + 1) / static_cast<double>(steps);
  const double b = static_cast<double>(random_.below(steps)) / static_cast<double>(steps);
  return std::sqrt(-2 * std::log(a)) * std::cos(2 * std::numbers::pi * b);
}

// A queue that is not served for a while: what comes meanwhile leaves together at its end.
double Network::stands_still_ms(double sent_ms) {
  if (row_.spike_ms <= 0) return 0;
  while (sent_ms >= spike_at_ms_ + row_.spike_ms)
    spike_at_ms_ += spike_apart_ms_min + static_cast<double>(random_.below(static_cast<std::uint64_t>(
                                             spike_apart_ms_max - spike_apart_ms_min)));
  return sent_ms < spike_at_ms_ ? 0 : spike_at_ms_ + row_.spike_ms - sent_ms;
}

std::optional<std::chrono::microseconds> Network::carry(std::chrono::microseconds sent) {
  const bool lost = loses();
  double delay_ms = row_.jitter_ms > 0 ? std::abs(normal()) * row_.jitter_ms : 0;
  if (row_.reorder > 0 && random_.chance(row_.reorder))
    delay_ms +=
        reordered_ms_min +
        static_cast<double>(random_.below(static_cast<std::uint64_t>(reordered_ms_max - reordered_ms_min)));
  delay_ms += stands_still_ms(static_cast<double>(sent.count()) / 1000);
  if (lost) return std::nullopt;
  return std::chrono::microseconds{std::llround(delay_ms * 1000)};
}

}  // namespace sidetone::bench
