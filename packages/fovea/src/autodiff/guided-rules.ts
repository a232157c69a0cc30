/**
 * Guided gradients: gradients for looking at, not for training. At every relu they go on only where the operand was positive (as the
 * derivative does) and where what comes down is positive too, so that what is left speaks for the result. Every other function,
 * tanh for instance, keeps its derivative. Source: Springenberg et al., Striving for Simplicity: The All Convolutional Net (2015).
 */
import { type GradientRules, gradientRules } from './rules.ts'

export const guidedRules: GradientRules = {
  ...gradientRules,
  unary(g, y, dy) {
    if (y.attributes.fn !== 'relu') return gradientRules.unary(g, y, dy)
    // dx = max(dy, 0) where y > 0
    return [() => g.select(g.binary('less', 0, y), g.unary('relu', dy), 0)]
  },
}
