#include "rtp/reception.h"

#include <gtest/gtest.h>

namespace sidetone::rtp {
namespace {

using namespace std::chrono_literals;
using Verdict = Reception::Verdict;

struct Stream {
  Reception reception;
  Time now{10s};
  std::uint32_t timestamp = 0;
  Verdict next(std::uint16_t sequence, Duration step = 20ms) {
    now += step;
    timestamp += 160;
    return reception.update(sequence, timestamp, now);
  }
};

TEST(Reception, WrapCountsOneCycle) {  // §A.1
  Stream stream{Reception(8000, 65534, 0)};
  for (std::uint16_t sequence = 65534; sequence != 3; ++sequence)
    EXPECT_EQ(stream.next(sequence), Verdict::accepted);
  EXPECT_EQ(stream.reception.highest_sequence(), 0x10002u);
  EXPECT_EQ(stream.reception.expected(), 5u);
  EXPECT_EQ(stream.reception.lost(), 0);
}

TEST(Reception, ProbationNeedsTwoInSequence) {  // §A.1, MIN_SEQUENTIAL
  Stream stream{Reception(8000, 100, 2)};
  EXPECT_EQ(stream.next(100), Verdict::on_probation);
  EXPECT_EQ(stream.next(200), Verdict::on_probation);
  EXPECT_EQ(stream.next(201), Verdict::accepted);
  EXPECT_EQ(stream.reception.received(), 1u);
}

TEST(Reception, LossAndFraction) {  // §A.3
  Stream stream{Reception(8000, 1, 0)};
  for (std::uint16_t sequence : {1, 2, 3, 5, 6, 8, 9, 10}) stream.next(sequence);
  EXPECT_EQ(stream.reception.expected(), 10u);
  EXPECT_EQ(stream.reception.lost(), 2);
  EXPECT_EQ(stream.reception.take_fraction_lost(), 2 * 256 / 10);
  for (std::uint16_t sequence = 11; sequence <= 20; ++sequence) stream.next(sequence);
  EXPECT_EQ(stream.reception.take_fraction_lost(), 0);
}

TEST(Reception, DuplicatesMakeLossNegative) {  // §6.4.1
  Stream stream{Reception(8000, 1, 0)};
  stream.next(1);
  stream.next(2);
  EXPECT_EQ(stream.next(2), Verdict::late_or_duplicate);
  EXPECT_EQ(stream.next(1), Verdict::late_or_duplicate);
  EXPECT_EQ(stream.reception.lost(), -2);
  EXPECT_EQ(stream.reception.take_fraction_lost(), 0);
}

TEST(Reception, FarJumpNeedsTwo) {  // §A.1, MAX_DROPOUT and bad_seq
  Stream stream{Reception(8000, 1, 0)};
  stream.next(1);
  EXPECT_EQ(stream.next(30000), Verdict::jumped);
  EXPECT_EQ(stream.next(2), Verdict::accepted);
  EXPECT_EQ(stream.next(30000), Verdict::jumped);
  EXPECT_EQ(stream.next(30001), Verdict::restarted);
  EXPECT_EQ(stream.next(30002), Verdict::accepted);
  EXPECT_EQ(stream.reception.lost(), 0);  // a restart is no loss
  EXPECT_EQ(stream.reception.received(), 4u);
}

TEST(Reception, FarJumpAfterAPauseIsBelievedAtOnce) {  // nothing else can say where the sender is by now
  Reception reception(8000, 1, 0);
  EXPECT_EQ(reception.update(1, 0, Time{1s}), Verdict::accepted);
  EXPECT_EQ(reception.update(5000, 800000, Time{5s}), Verdict::jumped);
  EXPECT_EQ(reception.update(5100, 800000, Time{6s}), Verdict::restarted);
  EXPECT_EQ(reception.update(5101, 800160, Time{6s}), Verdict::accepted);
  EXPECT_EQ(reception.lost(), 0);
}

TEST(Reception, JitterOfAlternatingDelay) {  // §A.8: |D| is 5 ms always, so J goes there
  Stream stream{Reception(8000, 0, 0)};
  for (std::uint16_t i = 0; i < 400; ++i) stream.next(i, i % 2 == 0 ? 25ms : 15ms);
  EXPECT_NEAR(static_cast<double>(stream.reception.jitter_time().count()), 5000, 600);
}

TEST(Reception, NoJitterOnAPerfectStreamOrOverAPause) {
  Stream stream{Reception(8000, 0, 0)};
  for (std::uint16_t i = 0; i < 50; ++i) stream.next(i);
  stream.now += 10s;  // the peer held, its clock stood
  for (std::uint16_t i = 50; i < 100; ++i) stream.next(i);
  EXPECT_EQ(stream.reception.jitter(), 0u);
  stream.reception.set_clock(48000);
  EXPECT_EQ(stream.reception.jitter(), 0u);
}

}  // namespace
}  // namespace sidetone::rtp
