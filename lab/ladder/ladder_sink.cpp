#include "ladder/ladder_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidetone::lab {

void LadderSink::trace(SipRecord record) {
  records_.push_back(std::move(record));
  if (records_.size() <= records_max_) return;
  records_.pop_front();
  ++forgotten_;
  while (!notes_.empty() && notes_.front().records_before < forgotten_) notes_.pop_front();
}

void LadderSink::note(Time time, std::string text) {
  notes_.push_back({time, std::move(text), forgotten_ + records_.size()});
  if (notes_.size() > records_max_) notes_.pop_front();
}

std::vector<LadderNote> LadderSink::notes() const {
  std::vector<LadderNote> kept(notes_.begin(), notes_.end());
  for (auto& note : kept) note.records_before -= std::min(note.records_before, forgotten_);
  return kept;
}

void LadderSink::clear() {
  records_.clear();
  notes_.clear();
  forgotten_ = 0;
}

std::string LadderSink::draw(const ParticipantNames& names, LadderStyle style) const {
  const std::string ladder = draw_ladder(records(), names, std::move(style), notes());
  return forgotten_ == 0 ? ladder : fmt::format("({} older messages are not shown)\n{}", forgotten_, ladder);
}

std::string LadderSink::draw_svg(const ParticipantNames& names, LadderStyle style) const {
  return draw_ladder_svg(records(), names, std::move(style), notes());
}

}  // namespace sidetone::lab
