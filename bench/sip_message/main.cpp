// Parsing and writing one INVITE, beside the stacks that the distribution packages, in one run: figures from
// different runs or machines do not compare. Prints the best of five rounds in microseconds and how many
// times as long the peer takes.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>

#include "side.h"

namespace {

using sidetone::bench::Side;

constexpr int rounds = 9;
constexpr int repeats_max = 10000;
constexpr double round_microseconds_max = 30000;  // belle-sip needs a hundred times as long as others

std::string_view bytes() { return sidetone::bench::sample_invite(); }

void require(bool well, std::string_view who, std::string_view what) {
  if (well) return;
  fmt::print(stderr, "{} fails to {} the sample\n", who, what);
  std::exit(1);
}

// Of this process alone: what else the machine does must not count.
double cpu_microseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

template <typename Work>
double microseconds(Work work) {
  const double begin = cpu_microseconds();
  bool well = true;
  double took = 0;
  int done = 0;
  while (done < repeats_max && took < round_microseconds_max) {
    for (int i = 0; i < 50; ++i) well &= work();
    done += 50;
    took = cpu_microseconds() - begin;
  }
  return well ? took / done : std::numeric_limits<double>::quiet_NaN();
}

struct Row {
  std::string_view name;
  std::optional<double> (*measure)(const Side& side);
};

const Row rows[] = {
    {"parse typed",
     [](const Side& side) { return std::optional(microseconds([&] { return side.parse(bytes()); })); }},
    {"parse + SDP",
     [](const Side& side) -> std::optional<double> {
       if (side.parse_sdp == nullptr) return std::nullopt;
       return microseconds([&] { return side.parse_sdp(bytes()); });
     }},
    {"write",
     [](const Side& side) -> std::optional<double> {
       if (side.write == nullptr) return std::nullopt;
       return microseconds([&] { return side.write(); });
     }},
};

std::string cell(std::optional<double> value, const char* unit) {
  return value ? fmt::format("{:.2f}{}", *value, unit) : "-";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view only = argc > 1 ? argv[1] : "";  // one stack's name: for a profiler
  std::vector<Side> sides = {sidetone::bench::sidetone_side()};
#if defined(BENCH_SOFIA)
  sides.push_back(sidetone::bench::sofia_side());
#endif
#if defined(BENCH_OSIP)
  sides.push_back(sidetone::bench::osip_side());
#endif
#if defined(BENCH_LIBRE)
  sides.push_back(sidetone::bench::libre_side());
#endif
#if defined(BENCH_BELLE)
  sides.push_back(sidetone::bench::belle_side());
#endif
  if (!only.empty()) std::erase_if(sides, [&](const Side& side) { return side.name != only; });
  for (const Side& side : sides) {
    require(side.prepare(bytes()), side.name, "read");
    require(side.parse(bytes()), side.name, "parse");
    require(side.write == nullptr || side.write(), side.name, "write");
  }

  fmt::print("INVITE of {} bytes, CPU time, best of {} rounds of up to {}\n", bytes().size(), rounds,
             repeats_max);
  fmt::print("{:<14}", "");
  for (const Side& side : sides) fmt::print("{:>12}{:>10}", side.name, "ratio");
  fmt::print("\n");
  for (const Row& row : rows) {
    std::vector<std::optional<double>> best(sides.size());
    for (int round = 0; round < rounds; ++round)  // in turns, so that a slow second hits all
      for (std::size_t i = 0; i < sides.size(); ++i)
        if (const auto time = row.measure(sides[i])) best[i] = std::min(best[i].value_or(*time), *time);
    fmt::print("{:<14}", row.name);
    for (const auto& time : best)
      fmt::print("{:>12}{:>10}", cell(time, " us"),
                 time && best[0] ? cell(*time / *best[0], " x") : std::string("-"));
    fmt::print("\n");
  }
#if defined(BENCH_LIBRE)
  fmt::print(
      "libre is lazy: it was asked for each header that it has a type for; it has no writer of messages\n");
#endif
  return 0;
}
