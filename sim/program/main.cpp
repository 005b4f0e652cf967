// sim --seed N [--trace] [--ladder] [--sessions | --desks] [--mutation NAME] one world, with its history
// sim --seeds K [--first S] [--jobs J] [--sessions | --desks] [--mutation M] many worlds, with what they
// covered
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "ladder/ladder.h"
#include "sim/desk_world.h"
#include "sim/session_world.h"
#include "sim/world.h"

namespace {

using namespace sidetone;

struct Options {
  std::uint64_t seed = 0, seeds = 0, first = 1, jobs = 2;
  bool trace = false, ladder = false, coverage = false;
  bool sessions = false;  // the world of user agents without a server, instead of the contact centre
  bool desks = false;     // ... the one whose agents sit at desktops
  sim::Mutation mutation = sim::Mutation::none;
};

void print_usage() {
  fmt::print(
      stderr,
      "sim --seed N [--trace] [--ladder] [--sessions | --desks] [--mutation NAME]\n"
      "sim --seeds K [--first S] [--jobs J] [--sessions | --desks] [--coverage] [--mutation NAME]\n"
      "without --sessions (user agents without a server) or --desks (agents at desktops) one seed is a\n"
      "contact centre, and many seeds are all three kinds of world\n");
}

std::optional<Options> read_options(const std::vector<std::string_view>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--trace") {
      options.trace = true;
      continue;
    }
    if (words[i] == "--ladder") {
      options.ladder = true;
      continue;
    }
    if (words[i] == "--sessions") {
      options.sessions = true;
      continue;
    }
    if (words[i] == "--desks") {
      options.desks = true;
      continue;
    }
    if (words[i] == "--coverage") {
      options.coverage = true;
      continue;
    }
    if (i + 1 >= words.size()) return std::nullopt;
    const auto value = words[++i];
    if (words[i - 1] == "--mutation") {
      const auto mutation = sim::find_mutation(value);
      if (!mutation) return std::nullopt;
      options.mutation = *mutation;
      continue;
    }
    const auto number = parse_number<std::uint64_t>(value);
    if (!number) return std::nullopt;
    if (words[i - 1] == "--seed")
      options.seed = *number;
    else if (words[i - 1] == "--seeds")
      options.seeds = *number;
    else if (words[i - 1] == "--first")
      options.first = *number;
    else if (words[i - 1] == "--jobs")
      options.jobs = std::clamp<std::uint64_t>(*number, 1, 64);
    else
      return std::nullopt;
  }
  if ((options.seed == 0) == (options.seeds == 0)) return std::nullopt;
  return options;
}

void print_violations(const sim::WorldResult& result) {
  for (const auto& violation : result.violations)
    fmt::print("seed {}: {} at {} s: {}\n", result.seed, violation.rule, sim::stamp(violation.when),
               violation.text);
}

// The messages of the last minute before the first broken rule, or of the first minute when none is broken.
void print_ladder(const sim::World& world, const sim::WorldResult& result) {
  constexpr Duration span = std::chrono::seconds(60);
  const Time until = result.violations.empty() ? Time{} + span : result.violations.front().when;
  lab::ParticipantNames names;
  std::vector<SipRecord> records;
  for (const auto& record : world.trace().messages()) {
    if (record.time > until || record.time < until - span) continue;
    records.push_back(record);
    // Streams have ports of their own; whoever they belong to is told by the address.
    for (const auto& address : {record.local, record.remote}) names[address] = world.name_of(address.ip);
  }
  fmt::print("{}", lab::draw_ladder(records, names, {.width_max = 160}));
}

int report(const sim::WorldResult& result, const sim::Trace& trace, bool with_trace) {
  if (with_trace)
    for (const auto& line : trace.lines()) fmt::print("{}\n", line);
  print_violations(result);
  fmt::print("seed {}: {} calls ({} answered), {} faults, {} messages, hash {:016x}: {}\n", result.seed,
             result.calls, result.answered, result.faults, result.messages, result.hash,
             result.violations.empty() ? "all rules hold" : "BROKEN");
  return result.violations.empty() ? 0 : 1;
}

int run_sessions(const Options& options) {
  sim::SessionWorld world({options.seed, options.mutation, options.trace});
  const auto result = world.run();
  return report(result, world.trace(), options.trace);
}

int run_desks(const Options& options) {
  sim::DeskWorld world({options.seed, options.mutation, options.trace});
  const auto result = world.run();
  return report(result, world.trace(), options.trace);
}

int run_one(const Options& options) {
  sim::World world({options.seed, options.mutation, options.trace || options.ladder});
  const auto result = world.run();
  if (options.ladder) print_ladder(world, result);
  return report(result, world.trace(), options.trace);
}

struct Totals {
  std::uint64_t calls = 0, calls_min = ~std::uint64_t{0}, answered = 0, faults = 0,
                faults_min = ~std::uint64_t{0}, messages = 0;
  Duration virtual_time{0};
  std::map<std::string, std::uint64_t> transitions, faults_by_kind, attacks;
  std::uint32_t noisiest = 0;
  std::vector<sim::WorldResult> broken;

  void add(sim::WorldResult result) {
    calls += result.calls;
    if (result.calls > 0) calls_min = std::min(calls_min, result.calls);
    answered += result.answered;
    faults += result.faults;
    faults_min = std::min(faults_min, result.faults);
    messages += result.messages;
    virtual_time += result.virtual_time;
    for (const auto& [name, count] : result.transitions) transitions[name] += count;
    for (const auto& [name, count] : result.faults_by_kind) faults_by_kind[name] += count;
    for (const auto& [name, count] : result.attacks) attacks[name] += count;
    noisiest = std::max(noisiest, result.noisiest);
    if (!result.violations.empty()) broken.push_back(std::move(result));
  }
};

int run_many(const Options& options) {
  Totals totals;
  std::mutex mutex;
  std::atomic<std::uint64_t> next{options.first};
  const auto begin = std::chrono::steady_clock::now();
  const auto work = [&] {
    for (auto seed = next++; seed < options.first + options.seeds; seed = next++) {
      const bool all = !options.sessions && !options.desks;
      std::vector<sim::WorldResult> results;
      if (all || options.sessions)
        results.push_back(sim::SessionWorld({seed, options.mutation, false}).run());
      if (all || options.desks) results.push_back(sim::DeskWorld({seed, options.mutation, false}).run());
      if (all) results.push_back(sim::World({seed, options.mutation, false}).run());
      const std::scoped_lock lock(mutex);
      for (auto& result : results) totals.add(std::move(result));
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(options.jobs);
  for (std::uint64_t job = 0; job < options.jobs; ++job) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> real = std::chrono::steady_clock::now() - begin;
  const double cpu = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;

  std::sort(totals.broken.begin(), totals.broken.end(),
            [](const auto& a, const auto& b) { return a.seed < b.seed; });
  for (const auto& result : totals.broken) print_violations(result);
  if (options.coverage) {
    for (const auto& [name, count] : totals.transitions) fmt::print("{:>12} {}\n", count, name);
    for (const auto& [name, count] : totals.faults_by_kind) fmt::print("{:>12} fault {}\n", count, name);
    for (const auto& [name, count] : totals.attacks) fmt::print("{:>12} attack {}\n", count, name);
  }
  const double virtual_s = std::chrono::duration<double>(totals.virtual_time).count();
  fmt::print("seeds {}-{}: {} broken\n", options.first, options.first + options.seeds - 1,
             totals.broken.size());
  fmt::print("calls {} (least {} in a seed), answered {}, faults {} (least {}), messages {}\n", totals.calls,
             totals.calls_min, totals.answered, totals.faults, totals.faults_min, totals.messages);
  fmt::print("transitions covered: {}, faults of {} kinds, at most {} messages of one Call-ID in 10 s\n",
             totals.transitions.size(), totals.faults_by_kind.size(), totals.noisiest);
  fmt::print("virtual {:.0f} s in {:.1f} s: {:.0f} times real time, {:.1f} ms of processor per seed\n",
             virtual_s, real.count(), virtual_s / real.count(),
             1000 * cpu / static_cast<double>(options.seeds));
  if (!totals.broken.empty())
    fmt::print("reproduce with: sim --seed {} --trace\n", totals.broken.front().seed);
  return totals.broken.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read_options({argv + 1, argv + argc});
  if (!options) {
    print_usage();
    return 2;
  }
  if (options->seeds != 0) return run_many(*options);
  if (options->desks) return run_desks(*options);
  return options->sessions ? run_sessions(*options) : run_one(*options);
}
