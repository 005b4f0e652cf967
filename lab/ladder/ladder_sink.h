// A log sink that keeps SIP messages for a ladder.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "base/log.h"
#include "ladder/ladder.h"

namespace sidetone::lab {

// Keeps the newest `records_max` messages; older ones are forgotten and counted. Not for several threads at
// once: records are kept on the thread that makes them.
class LadderSink final : public LogSink {
 public:
  // 2,000 messages are some 3 MB and more than anyone reads.
  explicit LadderSink(std::size_t records_max = 2'000) : records_max_(records_max) {}

  [[nodiscard]] bool wants(LogTag, LogLevel) const override { return false; }
  void write(LogRecord) override {}
  [[nodiscard]] bool wants_sip() const override { return true; }
  void trace(SipRecord record) override;
  // Beside the messages, in the order of both; forgotten with the messages around it.
  void note(Time time, std::string text);

  [[nodiscard]] std::vector<SipRecord> records() const { return {records_.begin(), records_.end()}; }
  [[nodiscard]] std::size_t forgotten() const { return forgotten_; }
  void clear();
  // The ladder of what is kept, with a first line that tells how much was forgotten.
  [[nodiscard]] std::string draw(const ParticipantNames& names = {}, LadderStyle style = {}) const;
  [[nodiscard]] std::string draw_svg(const ParticipantNames& names = {}, LadderStyle style = {}) const;

 private:
  std::size_t records_max_;
  std::size_t forgotten_ = 0;
  std::deque<SipRecord> records_;
  std::deque<LadderNote> notes_;  // records_before: of all that there were

  [[nodiscard]] std::vector<LadderNote> notes() const;
};

}  // namespace sidetone::lab
