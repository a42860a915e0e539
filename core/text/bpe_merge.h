// SPDX-License-Identifier: Apache-2.0
// Byte-pair encoding's inner loop (Sennrich et al. 2016): of all neighbours that may merge, the
// best pair first, the leftmost of equals, until none is left. A queue over a linked list: O(n log
// n), so a long text without a space costs no more than any other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace glowworm {

// A stretch of the text: [begin, begin + length); length 0 once it was merged into its left one.
struct BpeSymbol {
    size_t begin = 0, length = 0;
    int32_t id = -1;  // -1: not a piece
    int32_t prev = -1, next = -1;
};

struct BpeMerge {
    double priority;  // smaller merges first; not NaN
    int32_t id;
};

// Reused from word to word by one call of encode.
struct BpeScratch {
    struct Candidate {
        double priority;
        int32_t left, right;
        size_t length;  // of both together: tells a candidate that time has overtaken
        int32_t id;
        bool operator<(const Candidate& other) const {  // the heap's top is the largest
            return priority > other.priority || (priority == other.priority && left > other.left);
        }
    };
    std::vector<BpeSymbol> symbols;
    std::vector<Candidate> queue;
};

// Merges scratch.symbols in place; those that remain have length > 0. `lookup(left, right)` says
// whether two neighbours merge. Fewer than 2^31 symbols.
template <typename Lookup>
void mergeSymbols(BpeScratch& scratch, const Lookup& lookup) {
    std::vector<BpeSymbol>& symbols = scratch.symbols;
    auto& queue = scratch.queue;
    queue.clear();
    const auto offer = [&](int32_t left, int32_t right) {
        if (left < 0 || right < 0) return;
        const BpeSymbol& a = symbols[static_cast<size_t>(left)];
        const BpeSymbol& b = symbols[static_cast<size_t>(right)];
        if (const std::optional<BpeMerge> merge = lookup(a, b)) {
            queue.push_back({merge->priority, left, right, a.length + b.length, merge->id});
            std::push_heap(queue.begin(), queue.end());
        }
    };
    for (size_t i = 0; i < symbols.size(); ++i) {
        symbols[i].prev = static_cast<int32_t>(i) - 1;
        symbols[i].next = i + 1 < symbols.size() ? static_cast<int32_t>(i) + 1 : -1;
    }
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
        offer(static_cast<int32_t>(i), static_cast<int32_t>(i) + 1);
    }
    while (!queue.empty()) {
        std::pop_heap(queue.begin(), queue.end());
        const BpeScratch::Candidate best = queue.back();
        queue.pop_back();
        BpeSymbol& left = symbols[static_cast<size_t>(best.left)];
        BpeSymbol& right = symbols[static_cast<size_t>(best.right)];
        const bool current = left.length > 0 && right.length > 0 && left.next == best.right &&
                             left.length + right.length == best.length;
        if (!current) continue;
        left.length = best.length;
        left.id = best.id;
        left.next = right.next;
        right.length = 0;
        if (left.next >= 0) symbols[static_cast<size_t>(left.next)].prev = best.left;
        offer(left.prev, best.left);
        offer(best.left, left.next);
    }
}

}  // namespace glowworm
