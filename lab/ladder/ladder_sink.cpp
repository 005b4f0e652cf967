#include "ladder/ladder_sink.h"

#include <fmt/format.h>

#include <utility>

namespace sidetone::lab {

void LadderSink::trace(SipRecord record) {
  records_.push_back(std::move(record));
  if (records_.size() <= records_max_) return;
  records_.pop_front();
  ++forgotten_;
}

void LadderSink::clear() {
  records_.clear();
  forgotten_ = 0;
}

std::string LadderSink::draw(const ParticipantNames& names, LadderStyle style) const {
  const std::string ladder = draw_ladder(records(), names, style);
  return forgotten_ == 0 ? ladder : fmt::format("({} older messages are not shown)\n{}", forgotten_, ladder);
}

}  // namespace sidetone::lab
