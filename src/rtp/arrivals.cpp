#include "rtp/arrivals.h"

#include <algorithm>

namespace sidetone::rtp {

Arrivals::Kind Arrivals::note(std::uint16_t sequence) {
  if (!started_) {
    restart(sequence);
    return Kind::newest;
  }
  const auto ahead = static_cast<std::int16_t>(sequence - newest_);
  if (ahead > 0) {
    advance(static_cast<std::size_t>(ahead));
    newest_ = sequence;
    here_.set(0);
    return Kind::newest;
  }
  const auto age = static_cast<std::size_t>(-ahead);
  if (age >= filled_) return Kind::too_late;
  if (here_.test(age)) {
    ++duplicates_;
    return Kind::duplicate;
  }
  here_.set(age);
  was_late_.set(age);
  return Kind::late;
}

void Arrivals::restart(std::uint16_t sequence) {
  for (auto age = filled_; age-- > 0;) settle(age, settled_);
  started_ = true;
  newest_ = sequence;
  filled_ = 1;
  here_.reset();
  was_late_.reset();
  discarded_.reset();
  here_.set(0);
}

bool Arrivals::repair(std::uint16_t sequence) {
  const auto age = static_cast<std::uint16_t>(newest_ - sequence);
  if (!started_ || age >= filled_ || here_.test(age)) return false;
  here_.set(age);
  was_late_.set(age);
  ++repaired_;
  return true;
}

void Arrivals::discard(std::uint64_t count) {
  for (const bool late : {true, false})
    for (std::size_t age = 0; age < filled_ && count > 0; ++age) {
      if (!here_.test(age) || discarded_.test(age) || was_late_.test(age) != late) continue;
      discarded_.set(age);
      --count;
    }
}

void Arrivals::settle(std::size_t age, LossBursts& into) const {
  if (!here_.test(age))
    into.lost();
  else if (discarded_.test(age))
    into.discarded();
  else
    into.received();
}

// A step of more than the window is a run of lost packets, counted at once: the peer chooses its length.
void Arrivals::advance(std::size_t count) {
  for (auto left = std::min(count, window); left > 0; --left) {
    if (filled_ == window)
      settle(window - 1, settled_);
    else
      ++filled_;
    here_ <<= 1;
    was_late_ <<= 1;
    discarded_ <<= 1;
  }
  if (count > window) settled_.lost(count - window);
}

LossBursts Arrivals::so_far() const {
  auto all = settled_;
  for (auto age = filled_; age-- > 0;) settle(age, all);
  return all;
}

}  // namespace sidetone::rtp
