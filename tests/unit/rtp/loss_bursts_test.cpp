#include "rtp/loss_bursts.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "rtp/arrivals.h"

namespace sidetone::rtp {
namespace {

// 1 received, 0 lost, X discarded, as RFC 3611 §4.7.2 writes it.
LossBursts fed(std::string_view pattern) {
  LossBursts bursts;
  for (const char packet : pattern) {
    if (packet == '1') bursts.received();
    if (packet == '0') bursts.lost();
    if (packet == 'X') bursts.discarded();
  }
  return bursts;
}

std::string good(std::size_t count) { return std::string(count, '1'); }

TEST(LossBursts, ExampleOfSection4_7_2) {
  const auto bursts = fed("11110111111111111111111X111X1011110111111111111111111X111111111");
  const auto& counts = bursts.counts();
  EXPECT_EQ(counts.expected, 63u);  // the text says 64, its drawing has one less
  EXPECT_EQ(counts.lost, 3u);
  EXPECT_EQ(counts.discarded, 3u);
  const auto figures = bursts.figures();
  EXPECT_EQ(figures.bursts, 1u);
  EXPECT_EQ(figures.burst_packets, 12);  // 120 ms of 10 ms packets
  EXPECT_NEAR(figures.burst_density, 0.33, 0.005);
  EXPECT_NEAR(figures.gap_packets, 52, 1);  // 520 ms
  EXPECT_NEAR(figures.gap_density, 0.04, 0.002);
}

TEST(LossBursts, Table) {
  const struct {
    const char* why;
    std::string pattern;
    std::uint64_t bursts, runs;
    double burst_packets, burst_density, gap_packets, gap_density;
  } rows[] = {
      {"nothing came yet", "", 0, 0, 0, 0, 0, 0},
      {"no loss", good(100), 0, 0, 0, 0, 100, 0},
      {"one lost packet is no burst", good(50) + "0" + good(49), 0, 1, 0, 0, 100, 0.01},
      {"two in a row are one", good(50) + "00" + good(48), 1, 1, 2, 1, 98, 0},
      {"15 between are within a burst", good(20) + "0" + good(15) + "0" + good(20), 1, 2, 17, 2 / 17.0, 40,
       0},
      {"16 between end it (Gmin)", good(20) + "0" + good(16) + "0" + good(20), 0, 2, 0, 0, 58, 2 / 58.0},
      {"a burst at the start", "00" + good(30), 1, 1, 2, 1, 30, 0},
      {"a burst at the end", good(30) + "0X", 1, 1, 2, 1, 30, 0},
      {"two bursts: means", good(30) + "00" + good(30) + "0000" + good(30), 2, 2, 3, 1, 45, 0},
      {"all lost", "00000000", 1, 1, 8, 1, 0, 0},
  };
  for (const auto& row : rows) {
    const auto bursts = fed(row.pattern);
    const auto figures = bursts.figures();
    EXPECT_EQ(figures.bursts, row.bursts) << row.why;
    EXPECT_EQ(bursts.counts().runs, row.runs) << row.why;
    EXPECT_NEAR(figures.burst_packets, row.burst_packets, 1e-9) << row.why;
    EXPECT_NEAR(figures.burst_density, row.burst_density, 1e-9) << row.why;
    EXPECT_NEAR(figures.gap_packets, row.gap_packets, 1e-9) << row.why;
    EXPECT_NEAR(figures.gap_density, row.gap_density, 1e-9) << row.why;
  }
}

TEST(LossBursts, AReportChangesNothing) {
  auto bursts = fed(good(20) + "0");
  static_cast<void>(bursts.figures());
  bursts.received(3);
  bursts.lost();
  EXPECT_EQ(bursts.figures().bursts, 1u) << "the first loss is part of it";
  const auto before = bursts.counts();
  bursts.lost(5);
  EXPECT_EQ(bursts.counts().since(before), (LossBursts::Counts{5, 5, 0, 0})) << "the same run goes on";
}

using Kind = Arrivals::Kind;

TEST(Arrivals, EachPacketOnceInAnyOrder) {
  Arrivals arrivals;
  EXPECT_EQ(arrivals.note(65534), Kind::newest);
  EXPECT_EQ(arrivals.note(1), Kind::newest) << "65535 and 0 are missing";
  EXPECT_EQ(arrivals.note(1), Kind::duplicate);
  EXPECT_EQ(arrivals.note(65535), Kind::late);
  EXPECT_EQ(arrivals.note(65535), Kind::duplicate);
  EXPECT_EQ(arrivals.note(65533), Kind::too_late) << "before the first";
  const auto counts = arrivals.so_far().counts();
  EXPECT_EQ(counts.expected, 4u);
  EXPECT_EQ(counts.lost, 1u);
  EXPECT_EQ(arrivals.duplicates(), 2u);
}

TEST(Arrivals, WhatLeavesTheWindowIsSettled) {
  Arrivals arrivals;
  for (std::uint16_t sequence = 0; sequence < 1000; ++sequence)
    if (sequence % 10 != 5) arrivals.note(sequence);
  EXPECT_EQ(arrivals.note(505), Kind::too_late);
  EXPECT_EQ(arrivals.note(995), Kind::late);
  const auto counts = arrivals.so_far().counts();
  EXPECT_EQ(counts.expected, 1000u);
  EXPECT_EQ(counts.lost, 99u);
}

TEST(Arrivals, AFarStepIsALongRunOfLoss) {
  Arrivals arrivals;
  arrivals.note(0);
  arrivals.note(2999);
  auto counts = arrivals.so_far().counts();
  EXPECT_EQ(counts.expected, 3000u);
  EXPECT_EQ(counts.lost, 2998u);
  EXPECT_EQ(counts.runs, 1u);
  EXPECT_EQ(arrivals.note(2990), Kind::late);
  counts = arrivals.so_far().counts();
  EXPECT_EQ(counts.lost, 2997u);
  EXPECT_EQ(counts.runs, 2u);
}

TEST(Arrivals, ARestartIsNoLoss) {
  Arrivals arrivals;
  for (std::uint16_t sequence = 100; sequence < 110; ++sequence) arrivals.note(sequence);
  arrivals.restart(30000);
  for (std::uint16_t sequence = 30001; sequence < 30010; ++sequence) arrivals.note(sequence);
  const auto counts = arrivals.so_far().counts();
  EXPECT_EQ(counts.expected, 20u);
  EXPECT_EQ(counts.missing(), 0u);
}

TEST(Arrivals, RepairedIsNotLostAndNotTakenAgain) {  // RFC 3611 §4.7.1: after error protection
  Arrivals arrivals;
  arrivals.note(1);
  arrivals.note(3);
  EXPECT_TRUE(arrivals.repair(2));
  EXPECT_FALSE(arrivals.repair(2));
  EXPECT_FALSE(arrivals.repair(1)) << "it is here";
  EXPECT_FALSE(arrivals.repair(0)) << "before the first";
  EXPECT_FALSE(arrivals.repair(4)) << "not sent yet";
  EXPECT_EQ(arrivals.note(2), Kind::duplicate);
  EXPECT_EQ(arrivals.so_far().counts().lost, 0u);
  EXPECT_EQ(arrivals.repaired(), 1u);
}

TEST(Arrivals, DiscardedAreTheLateOnesFirst) {
  Arrivals arrivals;
  for (const std::uint16_t sequence : {1, 2, 4, 5, 3, 6}) arrivals.note(sequence);
  arrivals.discard(1);
  auto figures = arrivals.so_far();
  EXPECT_EQ(figures.counts().discarded, 1u);
  EXPECT_EQ(figures.counts().runs, 1u);
  arrivals.discard(2);  // the newest: 6 and 5
  figures = arrivals.so_far();
  EXPECT_EQ(figures.counts().discarded, 3u);
  EXPECT_EQ(figures.counts().runs, 2u);
  arrivals.discard(1000);
  EXPECT_EQ(arrivals.so_far().counts().discarded, 6u) << "no more than there are";
}

}  // namespace
}  // namespace sidetone::rtp
