#include "ladder/story.h"

#include <fmt/format.h>

#include <algorithm>

#include "ladder/glance.h"

namespace sidetone::lab {
namespace {

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

}  // namespace

Story::Story(std::span<const SipRecord> records, std::span<const LadderNote> notes,
             const ParticipantNames& names, std::vector<std::string> lanes)
    : names_(names), lanes_(std::move(lanes)) {
  struct Item {
    Time time;
    std::size_t place;  // among those of one moment: a note before record n comes after record n-1
    const SipRecord* record;
    const LadderNote* note;
  };
  std::vector<Item> items;
  for (const auto& note : notes) items.push_back({note.time, 2 * note.records_before, nullptr, &note});
  for (std::size_t i = 0; i < records.size(); ++i)
    if (records[i].bytes) items.push_back({records[i].time, 2 * i + 1, &records[i], nullptr});
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return std::tie(a.time, a.place) < std::tie(b.time, b.place);
  });
  for (const auto& item : items) {
    if (item.record != nullptr)
      take(*item.record);
    else
      steps_.push_back({item.note->time, {}, {}, item.note->text, {}, true});
  }
}

void Story::take(const SipRecord& record) {
  const bool out = record.direction == SipDirection::out;
  const Address& from = out ? record.local : record.remote;
  const Address& to = out ? record.remote : record.local;
  Sightings& sightings = seen_[{from, to, *record.bytes}];
  const std::size_t times = out ? ++sightings.sent : ++sightings.received;
  if (times <= sightings.drawn) return;
  ++sightings.drawn;
  const Glance seen = glance(*record.bytes);
  Step step;
  step.time = record.time;
  step.from = lane(from);
  step.to = lane(to);
  step.label = label_of(seen, sightings.drawn > 1);
  if (!seen.call_id.empty()) step.mark = call_mark(index_of(calls_, seen.call_id));
  steps_.push_back(std::move(step));
}

// Addresses with one name are one participant: a proxy with two ports, a phone behind a NAT.
std::size_t Story::lane(const Address& address) {
  const auto named = names_.find(address);
  return index_of(lanes_, named == names_.end() ? address.to_string() : named->second);
}

std::string Story::time_of(const Step& step) const {
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(step.time - steps_.front().time).count();
  return fmt::format("{}.{:03}", millis / 1000, millis % 1000);
}

}  // namespace sidetone::lab
