// The same ladder for a page: an SVG without scripts and without fonts of its own.
#include <fmt/format.h>

#include "ladder/ladder.h"
#include "ladder/story.h"

namespace sidetone::lab {
namespace {

constexpr int row_height = 22, head_height = 40, time_width = 70, notes_width = 250, lane_gap = 190,
              edge = 60;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string text_at(int x, int y, std::string_view style, std::string_view text) {
  return fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\">{}</text>\n", x, y, style, escaped(text));
}

}  // namespace

std::string draw_ladder_svg(std::span<const SipRecord> records, const ParticipantNames& names,
                            LadderStyle style, std::span<const LadderNote> notes) {
  const Story story(records, notes, names, style.lanes);
  const auto& lanes = story.lanes();
  const int first = time_width + (notes.empty() ? 0 : notes_width) + edge;
  const auto lane_x = [first](std::size_t lane) { return first + static_cast<int>(lane) * lane_gap; };
  const int width = lanes.empty() ? first : lane_x(lanes.size() - 1) + edge;
  const int height = head_height + row_height * (static_cast<int>(story.steps().size()) + 1);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
      "<style>text{{font:12px sans-serif;fill:#222}}.head{{font-weight:bold;text-anchor:middle}}"
      ".label{{text-anchor:middle}}.note{{fill:#1a4f8b}}.time{{fill:#777}}line{{stroke:#333}}"
      ".pole{{stroke:#bbb}}</style>\n"
      "<defs><marker id=\"head\" markerWidth=\"9\" markerHeight=\"8\" refX=\"9\" refY=\"4\" orient=\"auto\">"
      "<path d=\"M0,0 L9,4 L0,8 z\" fill=\"#333\"/></marker></defs>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
      width, height);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    out += text_at(lane_x(i), 20, "head", lanes[i]);
    out += fmt::format("<line class=\"pole\" x1=\"{0}\" y1=\"28\" x2=\"{0}\" y2=\"{1}\"/>\n", lane_x(i),
                       height - 6);
  }
  int y = head_height;
  for (const auto& step : story.steps()) {
    y += row_height;
    out +=
        text_at(4, y - 3, "time", story.time_of(step) + (story.has_several_calls() ? " " + step.mark : ""));
    if (step.note) {
      out += text_at(time_width, y - 3, "note", step.label);
      continue;
    }
    const int from = lane_x(step.from), to = lane_x(step.to);
    out += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" marker-end=\"url(#head)\"/>\n", from, y,
                       to, y);
    out += text_at((from + to) / 2, y - 4, "label", step.label);
  }
  return out + "</svg>\n";
}

}  // namespace sidetone::lab
