/** All pages of the site as data, links between them resolved: what the one template is applied to. */
import { allPages } from '../../pages.js'

export default allPages
