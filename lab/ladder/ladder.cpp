#include "ladder/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ladder/story.h"

namespace sidetone::lab {
namespace {

constexpr std::size_t time_width = 9;     // "  123.456"
constexpr std::size_t mark_width = 3;     // " a "
constexpr std::size_t lane_gap_min = 24;  // between lifelines: below this no label can be read
constexpr std::size_t lane_gap_max = 44;
constexpr std::size_t notes_width_max = 44;

class TextLadder {
 public:
  TextLadder(const Story& story, LadderStyle style) : story_(story), width_max_(style.width_max) {
    std::size_t longest = 0;
    for (const auto& step : story.steps())
      if (step.note) longest = std::max(longest, step.label.size());
    notes_width_ = longest == 0 ? 0 : std::min(longest, notes_width_max) + 2;
    margin_ = time_width + mark_width + notes_width_;
  }

  [[nodiscard]] std::string draw() const {
    if (story_.lanes().empty()) return "(no SIP message)\n";
    const std::size_t gaps = story_.lanes().size() - 1;
    const std::size_t room = width_max_ > margin_ + 12 ? width_max_ - margin_ - 12 : 0;
    const std::size_t gap = gaps == 0 ? 0 : std::min(lane_gap_max, room / gaps);
    return gaps == 0 || gap < lane_gap_min ? draw_list() : draw_lanes(gap);
  }

 private:
  [[nodiscard]] std::string stamp(const Step& step) const {
    const std::string mark = story_.has_several_calls() ? step.mark : std::string();
    return fmt::format("{:>{}} {:<{}}", story_.time_of(step), time_width, mark, mark_width - 1);
  }

  [[nodiscard]] std::string draw_list() const {
    const auto& lanes = story_.lanes();
    std::string out;
    for (const auto& step : story_.steps()) {
      auto line = stamp(step) + " ";
      line +=
          step.note ? step.label : fmt::format("{} -> {}  {}", lanes[step.from], lanes[step.to], step.label);
      if (line.size() > width_max_) line.resize(width_max_);
      out += line + "\n";
    }
    return out;
  }

  [[nodiscard]] std::string draw_lanes(std::size_t gap) const {
    std::string out = heads(gap);
    for (const auto& step : story_.steps()) {
      std::string line = stamp(step) + std::string(notes_width_ + gap * (story_.lanes().size() - 1) + 1, ' ');
      for (std::size_t i = 0; i < story_.lanes().size(); ++i) line[margin_ + i * gap] = '|';
      if (step.note)
        draw_note(step, line);
      else
        draw_arrow(step, gap, line);
      out += line + "\n";
    }
    return out;
  }

  // Each name over its lifeline, as near to the middle as its neighbours allow.
  [[nodiscard]] std::string heads(std::size_t gap) const {
    std::string line;
    for (std::size_t i = 0; i < story_.lanes().size(); ++i) {
      const std::string name = story_.lanes()[i].substr(0, gap - 1);
      const std::size_t pole = margin_ + i * gap;
      std::size_t start = pole - std::min(pole, name.size() / 2);
      if (start + name.size() > width_max_) start = width_max_ - std::min(width_max_, name.size());
      if (!line.empty()) start = std::max(start, line.size() + 1);
      line.resize(start, ' ');
      line += name;
    }
    if (line.size() > width_max_) line.resize(width_max_);
    return line + "\n";
  }

  void draw_note(const Step& step, std::string& line) const {
    const auto text = step.label.substr(0, notes_width_ - 2);
    line.replace(time_width + mark_width, text.size(), text);
  }

  void draw_arrow(const Step& step, std::size_t gap, std::string& line) const {
    const std::size_t left = margin_ + std::min(step.from, step.to) * gap;
    const std::size_t right = margin_ + std::max(step.from, step.to) * gap;
    if (left == right) {  // to itself: the label beside the lifeline
      line.resize(left + 1);
      line += "(self) " + step.label.substr(0, gap);
      return;
    }
    std::fill(line.begin() + static_cast<std::ptrdiff_t>(left) + 1,
              line.begin() + static_cast<std::ptrdiff_t>(right), '-');
    const bool rightwards = step.from < step.to;
    line[rightwards ? right - 1 : left + 1] = rightwards ? '>' : '<';
    std::string label = step.label;
    const std::size_t room = right - left - 7;  // dashes, blanks and the head
    if (label.size() > room) label = label.substr(0, room - 2) + "..";
    line.replace(left + 4, label.size() + 2, " " + label + " ");
  }

  const Story& story_;
  std::size_t width_max_, notes_width_ = 0, margin_ = 0;
};

}  // namespace

std::string draw_ladder(std::span<const SipRecord> records, const ParticipantNames& names, LadderStyle style,
                        std::span<const LadderNote> notes) {
  const Story story(records, notes, names, style.lanes);
  return TextLadder(story, style).draw();
}

}  // namespace sidetone::lab
