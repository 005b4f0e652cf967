#include "ladder/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "ladder/glance.h"

namespace sidetone::lab {
namespace {

constexpr std::size_t time_width = 9;     // "  123.456"
constexpr std::size_t mark_width = 3;     // " a "
constexpr std::size_t lane_gap_min = 24;  // between lifelines: below this no label can be read
constexpr std::size_t lane_gap_max = 44;

struct Arrow {
  Time time;
  std::size_t from = 0, to = 0;  // lanes
  std::string label;
  std::string mark;  // which call
};

std::size_t index_of(std::vector<std::string>& all, const std::string& wanted) {
  const auto at = std::find(all.begin(), all.end(), wanted);
  if (at != all.end()) return static_cast<std::size_t>(at - all.begin());
  all.push_back(wanted);
  return all.size() - 1;
}

// a..z, then a2..z2 and so on.
std::string call_mark(std::size_t index) {
  std::string out(1, static_cast<char>('a' + index % 26));
  if (index >= 26) out += std::to_string(index / 26 + 1);
  return out;
}

std::string label_of(const Glance& seen, bool again) {
  std::string out = seen.title;
  const bool response = seen.cseq.find(' ') != std::string::npos;
  if (!seen.cseq.empty()) out += response ? fmt::format(" ({})", seen.cseq) : " " + seen.cseq;
  if (seen.sdp) out += " sdp";
  if (again) out += " again";
  return out;
}

// How often a message was recorded by its sender, by its receiver, and drawn. Sender and receiver in one
// process both record it, in either order; what matters is which of them has seen it more often.
struct Sightings {
  std::size_t sent = 0, received = 0, drawn = 0;
};

class Ladder {
 public:
  Ladder(std::span<const SipRecord> records, const ParticipantNames& names) : names_(names) {
    std::vector<const SipRecord*> ordered;
    for (const auto& record : records)
      if (record.bytes) ordered.push_back(&record);
    std::stable_sort(ordered.begin(), ordered.end(), [](auto* a, auto* b) { return a->time < b->time; });
    for (const auto* record : ordered) take(*record);
  }

  [[nodiscard]] std::string draw(LadderStyle style) const {
    if (arrows_.empty()) return "(no SIP message)\n";
    const std::size_t margin = time_width + mark_width;
    const std::size_t gaps = lanes_.size() - 1;
    const std::size_t room = style.width_max > margin + 12 ? style.width_max - margin - 12 : 0;
    const std::size_t gap = gaps == 0 ? 0 : std::min(lane_gap_max, room / gaps);
    return gaps == 0 || gap < lane_gap_min ? draw_list(style.width_max) : draw_lanes(gap, style.width_max);
  }

 private:
  void take(const SipRecord& record) {
    const bool out = record.direction == SipDirection::out;
    const Address& from = out ? record.local : record.remote;
    const Address& to = out ? record.remote : record.local;
    Sightings& sightings = seen_[{from, to, *record.bytes}];
    const std::size_t times = out ? ++sightings.sent : ++sightings.received;
    if (times <= sightings.drawn) return;
    ++sightings.drawn;
    const Glance seen = glance(*record.bytes);
    Arrow arrow;
    arrow.time = record.time;
    arrow.from = lane(from);
    arrow.to = lane(to);
    arrow.label = label_of(seen, sightings.drawn > 1);
    if (!seen.call_id.empty()) arrow.mark = call_mark(index_of(calls_, seen.call_id));
    arrows_.push_back(std::move(arrow));
  }

  // Addresses with one name are one participant: a proxy with two ports, a phone behind a NAT.
  std::size_t lane(const Address& address) {
    const auto named = names_.find(address);
    return index_of(lanes_, named == names_.end() ? address.to_string() : named->second);
  }

  [[nodiscard]] std::string stamp(const Arrow& arrow) const {
    const auto millis =
        std::chrono::duration_cast<std::chrono::milliseconds>(arrow.time - arrows_.front().time).count();
    const std::string mark = calls_.size() > 1 ? arrow.mark : std::string();
    return fmt::format("{:>{}} {:<{}}", fmt::format("{}.{:03}", millis / 1000, millis % 1000), time_width,
                       mark, mark_width - 1);
  }

  [[nodiscard]] std::string draw_list(std::size_t width_max) const {
    std::string out;
    for (const auto& arrow : arrows_) {
      auto line =
          fmt::format("{} {} -> {}  {}", stamp(arrow), lanes_[arrow.from], lanes_[arrow.to], arrow.label);
      if (line.size() > width_max) line.resize(width_max);
      out += line + "\n";
    }
    return out;
  }

  [[nodiscard]] std::string draw_lanes(std::size_t gap, std::size_t width_max) const {
    std::string out = heads(gap, width_max);
    for (const auto& arrow : arrows_) {
      std::string line = stamp(arrow) + std::string(gap * (lanes_.size() - 1) + 1, ' ');
      for (std::size_t i = 0; i < lanes_.size(); ++i) line[time_width + mark_width + i * gap] = '|';
      draw_arrow(arrow, gap, line);
      out += line + "\n";
    }
    return out;
  }

  // Each name over its lifeline, as near to the middle as its neighbours allow.
  [[nodiscard]] std::string heads(std::size_t gap, std::size_t width_max) const {
    std::string line;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const std::string name = lanes_[i].substr(0, gap - 1);
      const std::size_t pole = time_width + mark_width + i * gap;
      std::size_t start = pole - std::min(pole, name.size() / 2);
      if (start + name.size() > width_max) start = width_max - std::min(width_max, name.size());
      if (!line.empty()) start = std::max(start, line.size() + 1);
      line.resize(start, ' ');
      line += name;
    }
    if (line.size() > width_max) line.resize(width_max);
    return line + "\n";
  }

  static void draw_arrow(const Arrow& arrow, std::size_t gap, std::string& line) {
    const std::size_t base = time_width + mark_width;
    const std::size_t left = base + std::min(arrow.from, arrow.to) * gap;
    const std::size_t right = base + std::max(arrow.from, arrow.to) * gap;
    if (left == right) {  // to itself: the label beside the lifeline
      line.resize(left + 1);
      line += "(self) " + arrow.label.substr(0, gap);
      return;
    }
    std::fill(line.begin() + static_cast<std::ptrdiff_t>(left) + 1,
              line.begin() + static_cast<std::ptrdiff_t>(right), '-');
    const bool rightwards = arrow.from < arrow.to;
    line[rightwards ? right - 1 : left + 1] = rightwards ? '>' : '<';
    std::string label = arrow.label;
    const std::size_t room = right - left - 7;  // dashes, blanks and the head
    if (label.size() > room) label = label.substr(0, room - 2) + "..";
    line.replace(left + 4, label.size() + 2, " " + label + " ");
  }

  const ParticipantNames& names_;
  std::map<std::tuple<Address, Address, std::string>, Sightings> seen_;
  std::vector<std::string> lanes_;
  std::vector<std::string> calls_;
  std::vector<Arrow> arrows_;
};

}  // namespace

std::string draw_ladder(std::span<const SipRecord> records, const ParticipantNames& names,
                        LadderStyle style) {
  return Ladder(records, names).draw(style);
}

}  // namespace sidetone::lab
