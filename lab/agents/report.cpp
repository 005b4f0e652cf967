#include "agents/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sidetone::lab {
namespace {

std::vector<double> sorted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values;
}

std::string spread(const std::vector<double>& values) {
  return fmt::format("median {:.1f}, 95 % {:.1f}, 99 % {:.1f}, worst {:.1f} ms", percentile(values, 0.5),
                     percentile(values, 0.95), percentile(values, 0.99), percentile(values, 1));
}

boost::json::object spread_json(const std::vector<double>& values) {
  return {{"median", percentile(values, 0.5)},
          {"p95", percentile(values, 0.95)},
          {"p99", percentile(values, 0.99)},
          {"worst", percentile(values, 1)}};
}

}  // namespace

double percentile(const std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto rank = std::ceil(share * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(1.0, rank)) - 1];
}

void LoadReport::heard(double mos, std::uint64_t received, std::int64_t lost) {
  if (mos > 0) mos_.push_back(mos);
  packets_ += received;
  lost_ += lost;
}

std::uint64_t LoadReport::failures() const {
  std::uint64_t sum = 0;
  for (const auto& [why, count] : failures_) sum += count;
  return sum;
}

std::string LoadReport::text(Milliseconds run) const {
  const auto rang = sorted(rang_), answered = sorted(answered_), mos = sorted(mos_);
  std::string out = fmt::format("calls {}, finished {}, failed {}, in {:.1f} s ({:.1f}/s)\n", started_,
                                finished_, failures(), run.count() / 1000,
                                run.count() > 0 ? static_cast<double>(started_) * 1000 / run.count() : 0.0);
  for (const auto& [why, count] : failures_) out += fmt::format("  failed {} times: {}\n", count, why);
  if (nobody_free_ != 0)
    out += fmt::format("  {} calls were not made: no agent was free (more --count, or less --rate)\n",
                       nobody_free_);
  out += fmt::format("from the INVITE to the first ringing: {}\n", spread(rang));
  out += fmt::format("from the INVITE to the answer: {}\n", spread(answered));
  if (!mos.empty())
    out += fmt::format("MOS of {} ends: worst {:.2f}, 5 % {:.2f}, median {:.2f}; packets {}, lost {}\n",
                       mos.size(), mos.front(), percentile(mos, 0.05), percentile(mos, 0.5), packets_, lost_);
  return out;
}

boost::json::object LoadReport::to_json(Milliseconds run) const {
  const auto mos = sorted(mos_);
  boost::json::object why;
  for (const auto& [reason, count] : failures_) why[reason] = count;
  boost::json::object report{{"calls", started_},
                             {"finished", finished_},
                             {"failed", failures()},
                             {"failures", std::move(why)},
                             {"nobody_free", nobody_free_},
                             {"seconds", run.count() / 1000},
                             {"ringing_ms", spread_json(sorted(rang_))},
                             {"answer_ms", spread_json(sorted(answered_))}};
  if (!mos.empty())
    report["mos"] = boost::json::object{
        {"worst", mos.front()}, {"p5", percentile(mos, 0.05)}, {"median", percentile(mos, 0.5)},
        {"ends", mos.size()},   {"packets", packets_},         {"lost", lost_}};
  return report;
}

}  // namespace sidetone::lab
