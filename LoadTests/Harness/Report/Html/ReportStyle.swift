// SPDX-License-Identifier: Apache-2.0

/// How a page looks: by day, by night, on a phone, at a desk and on paper.
enum ReportStyle {
    static let sheet: StaticString = """

        :root {
          color-scheme: light dark;
          --paper: #fbfbf9; --card: #ffffff; --ink: #1b1f24; --soft: #59626c; --rule: #e3e5e1;
          --band: #eef1ee; --good: #1a7f4b; --bad: #c0362c; --doubt: #9a6700;
          --c0: #1f63c4; --c1: #c2580c; --c2: #0f7f74; --c3: #7c4dbd; --c4: #b03a6e; --c5: #6b7280;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171a; --card: #1c2024; --ink: #e8eaec; --soft: #a0a9b2; --rule: #30363c;
            --band: #24292e; --good: #4cc38a; --bad: #ff7b70; --doubt: #e0b04a;
            --c0: #6ea8fe; --c1: #f4a261; --c2: #4fc9b9; --c3: #b79cf0; --c4: #f08cb4; --c5: #9ca3af;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
            sans-serif;
          font-variant-numeric: tabular-nums;
        }
        main { max-width: 1272px; margin: 0 auto; padding: 28px 16px 40px; }
        p { margin: 0; }
        h1 { font-size: clamp(24px, 4vw, 34px); line-height: 1.2; margin: 4px 0; font-weight: 650;
          letter-spacing: -0.015em; text-wrap: balance; }
        h2 { font-size: 20px; line-height: 1.3; margin: 44px 0 4px; font-weight: 650; }
        h3 { font-size: 15px; margin: 24px 0 6px; font-weight: 600; }
        .over { color: var(--soft); font-size: 13px; letter-spacing: 0.02em; }
        .sub { color: var(--soft); max-width: 76ch; }
        .verdict { margin: 24px 0 16px; padding: 14px 18px; background: var(--card);
          border: 1px solid var(--rule); border-left: 5px solid var(--mood); border-radius: 6px; }
        .verdict.passed { --mood: var(--good); }
        .verdict.failed { --mood: var(--bad); }
        .verdict.refused { --mood: var(--doubt); }
        .verdict .word { font-size: 22px; line-height: 1.3; font-weight: 650; color: var(--mood); }
        .verdict .word span { margin-right: 9px; }
        .verdict ul { margin: 8px 0 0; padding-left: 20px; }
        .verdict li { margin: 3px 0; overflow-wrap: anywhere; }
        .numbers { display: grid; gap: 16px;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); }
        .numbers div { padding: 16px 18px 14px; background: var(--card);
          border: 1px solid var(--rule); border-radius: 6px; }
        .numbers .name { font-weight: 600; font-size: 15px; }
        .numbers .value { font-size: 56px; line-height: 1.15; font-weight: 650;
          letter-spacing: -0.03em; }
        .numbers .value span { font-size: 22px; font-weight: 500; letter-spacing: 0;
          margin-left: 7px; color: var(--soft); }
        .numbers .note { color: var(--soft); font-size: 14px; }
        dl { margin: 10px 0 0; display: grid; gap: 2px 32px;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
        dl div { display: grid; grid-template-columns: 104px minmax(0, 1fr); gap: 12px;
          padding: 6px 0; border-top: 1px solid var(--rule); font-size: 14px; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .plots { display: grid; gap: 16px; margin-top: 14px;
          grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); }
        figure { margin: 0; padding: 12px 12px 8px; background: var(--card);
          border: 1px solid var(--rule); border-radius: 6px; min-width: 0; }
        figure { display: flex; flex-direction: column; }
        figure svg { margin-top: auto; }
        figcaption { font-weight: 600; font-size: 15px; margin-bottom: 6px; line-height: 1.35; }
        figcaption small { color: var(--soft); font-weight: 400; font-size: 13px; display: block; }
        .aside { color: var(--soft); font-size: 14px; max-width: 90ch; margin-top: 10px; }
        .empty { color: var(--soft); font-size: 14px; }
        figure .empty { padding: 36px 8px 44px; text-align: center; }
        svg { display: block; width: 100%; height: auto; overflow: visible;
          font-family: inherit; font-size: 11.5px; }
        .tick { fill: var(--soft); }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .base { stroke: var(--soft); stroke-width: 1; opacity: 0.6; }
        .band { fill: var(--band); }
        .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
        .faint { stroke-dasharray: 2 4; }
        .name { font-weight: 600; }
        .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
        .c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
        .t0 { fill: var(--c0); } .t1 { fill: var(--c1); } .t2 { fill: var(--c2); }
        .t3 { fill: var(--c3); } .t4 { fill: var(--c4); } .t5 { fill: var(--c5); }
        .dot { fill: var(--card); stroke-width: 1.8; }
        .slot rect { fill: transparent; }
        .slot .dot { opacity: 0; }
        .slot:hover rect { fill: var(--ink); opacity: 0.06; }
        .slot:hover .dot { opacity: 1; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; min-width: min(100%, 560px); font-size: 14px; }
        th, td { padding: 6px 0 6px 28px; text-align: right; white-space: nowrap;
          border-bottom: 1px solid var(--rule); font-weight: 400; }
        thead th { color: var(--soft); font-size: 13px; }
        th:first-child { text-align: left; padding-left: 0; position: sticky; left: 0;
          background: var(--paper); }
        tbody th { min-width: 200px; }
        tbody th small { display: block; color: var(--soft); font-size: 12px; }
        td.wordy { text-align: left; white-space: normal; min-width: 180px; }
        td.good { color: var(--good); }
        td.bad { color: var(--bad); font-weight: 600; }
        footer { margin-top: 44px; padding-top: 14px; border-top: 1px solid var(--rule);
          color: var(--soft); font-size: 13px; }
        footer p { max-width: 90ch; margin-bottom: 6px; }
        @media (max-width: 520px) {
          main { padding-top: 20px; }
          h2 { margin-top: 36px; }
          figure { padding: 10px 8px 6px; }
          .numbers .value { font-size: 46px; }
          dl div { grid-template-columns: 88px minmax(0, 1fr); }
          th, td { padding-left: 14px; }
          tbody th { min-width: 120px; max-width: 44vw; white-space: normal; padding-right: 8px; }
        }
        @media print {
          :root {
            color-scheme: light;
            --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #ccc; --band: #f0f0f0;
            --good: #1a7f4b; --bad: #c0362c; --doubt: #9a6700;
            --c0: #1f63c4; --c1: #c2580c; --c2: #0f7f74; --c3: #7c4dbd; --c4: #b03a6e; --c5: #555;
          }
          body { font-size: 11pt; }
          main { padding: 0; max-width: none; }
          .plots { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          .wide { overflow: visible; }
          figure, tr, .verdict, .numbers div { break-inside: avoid; }
          h2, h3 { break-after: avoid; }
        }

        """
}
