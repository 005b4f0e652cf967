// What became of the calls of a load run.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sidetone::lab {

class LoadReport {
 public:
  using Milliseconds = std::chrono::duration<double, std::milli>;

  void started() { ++started_; }
  // Due, but every agent had a call: the run asks for more than its agents can take.
  void nobody_free() { ++nobody_free_; }
  void rang(Milliseconds after) { rang_.push_back(after.count()); }
  void answered(Milliseconds after) { answered_.push_back(after.count()); }
  void finished() { ++finished_; }
  void failed(const std::string& why) { ++failures_[why]; }
  void heard(double mos, std::uint64_t received, std::int64_t lost);

  [[nodiscard]] std::uint64_t calls() const { return started_; }
  [[nodiscard]] std::uint64_t over() const { return finished_ + failures(); }
  [[nodiscard]] std::uint64_t failures() const;

  // For people, some lines.
  [[nodiscard]] std::string text(Milliseconds run) const;
  [[nodiscard]] boost::json::object to_json(Milliseconds run) const;

 private:
  std::uint64_t started_ = 0, finished_ = 0, nobody_free_ = 0;
  std::map<std::string, std::uint64_t> failures_;
  std::vector<double> rang_, answered_, mos_;  // ms
  std::uint64_t packets_ = 0;
  std::int64_t lost_ = 0;
};

// The value below which `share` (0 to 1) of the values are; 0 without any. `values` is sorted.
[[nodiscard]] double percentile(const std::vector<double>& values, double share);

}  // namespace sidetone::lab
