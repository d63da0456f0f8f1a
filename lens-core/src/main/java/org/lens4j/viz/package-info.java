/**
 * Results as pictures, tables and text: a {@link org.lens4j.analysis.Grid} becomes an XChart picture, a Tablesaw table,
 * a piece of HTML and a plain text that says the same. The only user of XChart, Tablesaw and Java2D.
 *
 * <p>Reading order: {@link org.lens4j.viz.Rendering}, then one view, for example {@link org.lens4j.viz.AttentionView},
 * then what every heat map shares: {@link org.lens4j.viz.Sheet}, {@link org.lens4j.viz.SheetPicture},
 * {@link org.lens4j.viz.SheetData}, what every picture's HTML shares: {@link org.lens4j.viz.Figure},
 * {@link org.lens4j.viz.Script}, and the colours: {@link org.lens4j.viz.Palette}, {@link org.lens4j.viz.ColorScale}.
 *
 * <p>XChart draws the cells, bars and curves. Titles, token labels and the text inside cells are drawn beside it with Java2D,
 * because XChart 4.0.3 leaves out every second label, puts row 0 at the bottom, paints NaN black and knows one text
 * colour only.
 *
 * <p>The HTML of a picture is its PNG and its text, and behind them, as inert text, what the one script of all pictures puts in
 * their place. Jupyter Notebook takes every script and every style out of a notebook it does not trust, JupyterLab the scripts:
 * both leave the PNG. Both typeset formulas in any HTML, and are told to leave the dollar signs of ours alone. Nothing comes
 * from the network, and the script leaves nothing in the page, so a picture works as often as it is shown.
 *
 * <p>May import error, analysis and text; never model.
 */
@NullMarked
package org.lens4j.viz;

import org.jspecify.annotations.NullMarked;
