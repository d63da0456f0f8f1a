/**
 * Results as pictures, tables and text: a {@link org.lens4j.analysis.Grid} becomes an XChart picture, a Tablesaw table,
 * a piece of HTML and a plain text that says the same. The only user of XChart, Tablesaw and Java2D.
 *
 * <p>Reading order: {@link org.lens4j.viz.Rendering}, then one view, for example {@link org.lens4j.viz.AttentionView},
 * then what every heat map shares: {@link org.lens4j.viz.Sheet}, {@link org.lens4j.viz.SheetPicture},
 * {@link org.lens4j.viz.SheetHtml}, and the colours: {@link org.lens4j.viz.Palette}, {@link org.lens4j.viz.ColorScale}.
 *
 * <p>XChart draws the cells and bars. Titles, token labels and the text inside cells are drawn beside it with Java2D,
 * because XChart 4.0.3 leaves out every second label, puts row 0 at the bottom, paints NaN black and knows one text
 * colour only.
 *
 * <p>The HTML uses no script, no style sheet, no id and nothing from the network, and only those inline styles that
 * JupyterLab keeps in a notebook it does not trust.
 *
 * <p>May import error, analysis and text; never model.
 */
@NullMarked
package org.lens4j.viz;

import org.jspecify.annotations.NullMarked;
